import { baseScore, UNKNOWN } from "../linalg/bilinear";
import { dot } from "../linalg/dot";

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
    const row = load<u32>(rowsPtr + (t << 2));
    const column = load<u32>(columnsPtr + (t << 2));
    let score = baseScore(row, column, rowBiasPtr, columnBiasPtr, 0);
    if (row !== UNKNOWN && column !== UNKNOWN) {
      score += dot(
        rowFactorsPtr + <usize>row * strideBytes,
        columnFactorsPtr + <usize>column * strideBytes,
        strideBytes,
      );
    }
    const error = <f64>load<f32>(valuesPtr + (t << 2)) - <f64>min(max(score, lowest), highest);
    sum += error * error;
  }
  return sum;
}
