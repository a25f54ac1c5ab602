import { bilinearScore } from "../linalg/bilinear";

/**
 * Σ (value − score)² over the pairs [begin, end), each score first clipped to a range. rowsPtr, columnsPtr u32[],
 * 2^32 − 1 for an unknown one · valuesPtr f32[] · rowFactorsPtr, columnFactorsPtr f32[× stride], rowBiasPtr,
 * columnBiasPtr f32[] · stride in floats · rangePtr f32[2]: the lowest and the highest score.
 */
export function squaredErrorPairs(
  begin: u32,
  end: u32,
  rowsPtr: usize,
  columnsPtr: usize,
  valuesPtr: usize,
  rowFactorsPtr: usize,
  columnFactorsPtr: usize,
  rowBiasPtr: usize,
  columnBiasPtr: usize,
  stride: i32,
  rangePtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  const lowest = load<f32>(rangePtr);
  const highest = load<f32>(rangePtr, 4);
  let sum: f64 = 0;
  for (let t = <usize>begin; t < <usize>end; t++) {
    const score = bilinearScore(
      load<u32>(rowsPtr + (t << 2)),
      load<u32>(columnsPtr + (t << 2)),
      rowFactorsPtr,
      columnFactorsPtr,
      rowBiasPtr,
      columnBiasPtr,
      strideBytes,
      0,
    );
    const error = <f64>load<f32>(valuesPtr + (t << 2)) - <f64>min(max(score, lowest), highest);
    sum += error * error;
  }
  return sum;
}
