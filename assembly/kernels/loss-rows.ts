import { dot } from "../linalg/dot";
import { biasLambdaOf, gramOf, lambdaOf, offsetOf, pullOf, weightOf } from "../linalg/row-parameters";
import { biasesOf, factorsOf } from "../linalg/side";

/**
 * What the entries of rows [rowBegin, rowEnd) are short of, Σ (r − score)² of ratings, Σ [w (p·q)² − 2 y (p·q) + y] of
 * confidences (linalg/row-parameters.ts): with pᵀGp and λ it makes what solveRows brings to its least. offsetsPtr u32[],
 * columnsPtr u32[], valuesPtr f32[]: the chunk in CSR · rowSidePtr, columnSidePtr: linalg/side.ts, only factors and biases
 * used · stride in floats.
 */
export function lossRows(
  rowBegin: u32,
  rowEnd: u32,
  offsetsPtr: usize,
  columnsPtr: usize,
  valuesPtr: usize,
  rowSidePtr: usize,
  columnSidePtr: usize,
  stride: i32,
  parametersPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  const fixed = factorsOf(columnSidePtr);
  const biases = biasesOf(columnSidePtr);
  const areRatings = gramOf(parametersPtr) === 0;
  let sum: f64 = 0;
  for (let row = rowBegin; row < rowEnd; row++) {
    const end = load<u32>(offsetsPtr + ((<usize>row) << 2), 4);
    const p = factorsOf(rowSidePtr) + <usize>row * strideBytes;
    const base = offsetOf(parametersPtr) + load<f32>(biasesOf(rowSidePtr) + ((<usize>row) << 2));
    for (let t = load<u32>(offsetsPtr + ((<usize>row) << 2)); t < end; t++) {
      const column = <usize>load<u32>(columnsPtr + ((<usize>t) << 2));
      const value = load<f32>(valuesPtr + ((<usize>t) << 2));
      const product = <f64>dot(p, fixed + column * strideBytes, strideBytes);
      if (areRatings) {
        const error = <f64>value - <f64>base - <f64>load<f32>(biases + (column << 2)) - product;
        sum += error * error;
      } else {
        const pull = <f64>pullOf(parametersPtr, value);
        sum += (<f64>weightOf(value) * product - 2 * pull) * product + pull;
      }
    }
  }
  return sum;
}

/** Σ λ_row ‖p‖² + λ'_row b² over rows [rowBegin, rowEnd), arguments as in lossRows. */
export function penaltyRows(
  rowBegin: u32,
  rowEnd: u32,
  offsetsPtr: usize,
  sidePtr: usize,
  stride: i32,
  parametersPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  let sum: f64 = 0;
  for (let row = rowBegin; row < rowEnd; row++) {
    const at = (<usize>row) << 2;
    const n = load<u32>(offsetsPtr + at, 4) - load<u32>(offsetsPtr + at);
    const p = factorsOf(sidePtr) + <usize>row * strideBytes;
    const bias = <f64>load<f32>(biasesOf(sidePtr) + at);
    sum += <f64>lambdaOf(parametersPtr, row, n) * <f64>dot(p, p, strideBytes);
    sum += Math.max(0, <f64>biasLambdaOf(parametersPtr, n)) * bias * bias;
  }
  return sum;
}
