import { dot } from "./dot";

/** The row or column number that stands for one the model has never met: no bias, no factors. */
export const UNKNOWN: u32 = 0xffffffff;

/** A number from `biasPtr`, 0 for the unknown. */
function biasOf(biasPtr: usize, index: u32): f32 {
  return index === UNKNOWN ? 0 : load<f32>(biasPtr + ((<usize>index) << 2));
}

/**
 * The bilinear score ((offset + b_row) + b_column) + p·q, rounded to f32 after each of its steps; what is unknown adds
 * nothing. Every score that leaves the package is computed here, so that equal questions have equal bits.
 */
export function bilinearScore(
  row: u32,
  column: u32,
  rowFactorsPtr: usize,
  columnFactorsPtr: usize,
  rowBiasPtr: usize,
  columnBiasPtr: usize,
  strideBytes: usize,
  offset: f32,
): f32 {
  const base = offset + biasOf(rowBiasPtr, row) + biasOf(columnBiasPtr, column);
  if (row === UNKNOWN || column === UNKNOWN) return base;
  return (
    base + dot(rowFactorsPtr + <usize>row * strideBytes, columnFactorsPtr + <usize>column * strideBytes, strideBytes)
  );
}
