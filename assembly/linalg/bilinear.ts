import { fourDots } from "./ordered-dot";

/** The row or column number that stands for one the model has never met: no bias, no factors. */
export const UNKNOWN: u32 = 0xffffffff;

/** A number from `biasPtr`, 0 for the unknown. */
function biasOf(biasPtr: usize, index: u32): f32 {
  return index === UNKNOWN ? 0 : load<f32>(biasPtr + ((<usize>index) << 2));
}

/**
 * What a score is without its factors: offset + (b_row + b_column), rounded to f32 after each of its steps. The biases come
 * first, so that rows and columns may change places.
 */
export function baseScore(row: u32, column: u32, rowBiasPtr: usize, columnBiasPtr: usize, offset: f32): f32 {
  return offset + (biasOf(rowBiasPtr, row) + biasOf(columnBiasPtr, column));
}

/**
 * The bilinear score (offset + (b_row + b_column)) + p·q, rounded to f32 after each of its steps, the dot in the order of
 * linalg/ordered-dot.ts; what is unknown adds nothing. Every kernel that scores has these bits.
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
  const base = baseScore(row, column, rowBiasPtr, columnBiasPtr, offset);
  if (row === UNKNOWN || column === UNKNOWN) return base;
  const p = rowFactorsPtr + <usize>row * strideBytes;
  const q = columnFactorsPtr + <usize>column * strideBytes;
  return base + f32x4.extract_lane(fourDots(p, p, p, p, q, q, q, q, strideBytes), 0);
}
