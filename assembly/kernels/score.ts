import { bilinearScore } from "../linalg/bilinear";

/**
 * scores[t] ← offset + b_row + b_column + p·q for the pairs [begin, end). rowsPtr, columnsPtr u32[], 2^32 − 1 for an
 * unknown one, which adds nothing · rowFactorsPtr, columnFactorsPtr f32[× stride], rowBiasPtr, columnBiasPtr f32[] ·
 * stride in floats · scoresPtr f32[], written. Returns 0.
 */
export function scorePairs(
  begin: u32,
  end: u32,
  rowsPtr: usize,
  columnsPtr: usize,
  rowFactorsPtr: usize,
  columnFactorsPtr: usize,
  rowBiasPtr: usize,
  columnBiasPtr: usize,
  stride: i32,
  offset: f32,
  scoresPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  for (let t = <usize>begin; t < <usize>end; t++) {
    const row = load<u32>(rowsPtr + (t << 2));
    const column = load<u32>(columnsPtr + (t << 2));
    const score = bilinearScore(
      row,
      column,
      rowFactorsPtr,
      columnFactorsPtr,
      rowBiasPtr,
      columnBiasPtr,
      strideBytes,
      offset,
    );
    store<f32>(scoresPtr + (t << 2), score);
  }
  return 0;
}

/** `scorePairs` of one row, 2^32 − 1 for an unknown one, with every column in [begin, end); scoresPtr f32[end]. */
export function scoreColumns(
  begin: u32,
  end: u32,
  row: u32,
  rowFactorsPtr: usize,
  columnFactorsPtr: usize,
  rowBiasPtr: usize,
  columnBiasPtr: usize,
  stride: i32,
  offset: f32,
  scoresPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  for (let column = begin; column < end; column++) {
    const score = bilinearScore(
      row,
      column,
      rowFactorsPtr,
      columnFactorsPtr,
      rowBiasPtr,
      columnBiasPtr,
      strideBytes,
      offset,
    );
    store<f32>(scoresPtr + ((<usize>column) << 2), score);
  }
  return 0;
}
