import { dot } from "../linalg/dot";
import { multiplyAdd, multiplySubtract } from "../linalg/lanes";
import { biasesOf, factorsOf, regularizationOf, stateOf } from "../linalg/side";

/**
 * One pass over rows [rowBegin, rowEnd) of a block of ratings by Adam (Kingma, Ba 2015, the efficient form at the end
 * of their section 2), sparse: a rating moves the moments and counts the steps of its own two rows only. For every
 * rating z, in order, and for x the row p with g = e q − λ p, the row q with g = e p − λ q, both biases with
 * g = e − λ b, all taken from the old values:
 *
 *   e = z − b_u − b_i − p_u·q_i      m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
 *   x ← x + η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε)
 *
 * Arguments as in `sgdRows`; state of a row: f32[2 stride + 4], m and v of its factors, m and v of its bias, β₁ᵗ and
 * β₂ᵗ, which start at 1 · parametersPtr f32[5]: η of the factors, η of the biases, β₁, β₂, ε. Returns Σ e², each error
 * taken before its own update.
 */
export function adamRows(
  rowBegin: i32,
  rowEnd: i32,
  offsetsPtr: usize,
  columnsPtr: usize,
  valuesPtr: usize,
  rowSidePtr: usize,
  columnSidePtr: usize,
  stride: i32,
  parametersPtr: usize,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  const stateBytes = 2 * strideBytes + 16;
  let loss: f64 = 0;
  for (let row = <usize>rowBegin; row < <usize>rowEnd; row++) {
    const begin = (<usize>load<u32>(offsetsPtr + (row << 2))) << 2;
    const end = (<usize>load<u32>(offsetsPtr + (row << 2), 4)) << 2;
    const p = factorsOf(rowSidePtr) + row * strideBytes;
    const rowBiasAt = biasesOf(rowSidePtr) + (row << 2);
    const rowLambdas = regularizationOf(rowSidePtr) + (row << 3);
    const rowState = stateOf(rowSidePtr) + row * stateBytes;
    for (let at = begin; at < end; at += 4) {
      const column = <usize>load<u32>(columnsPtr + at);
      const q = factorsOf(columnSidePtr) + column * strideBytes;
      const columnBiasAt = biasesOf(columnSidePtr) + (column << 2);
      const columnLambdas = regularizationOf(columnSidePtr) + (column << 3);
      const columnState = stateOf(columnSidePtr) + column * stateBytes;
      const error = load<f32>(valuesPtr + at) - load<f32>(columnBiasAt) - load<f32>(rowBiasAt) - dot(p, q, strideBytes);
      loss += <f64>error * <f64>error;
      const rowTail = rowState + 2 * strideBytes;
      const columnTail = columnState + 2 * strideBytes;
      const rowCorrection = advance(rowTail, rowBiasAt, error, load<f32>(rowLambdas, 4), parametersPtr);
      const columnCorrection = advance(columnTail, columnBiasAt, error, load<f32>(columnLambdas, 4), parametersPtr);
      const rate = load<f32>(parametersPtr);
      const e = f32x4.splat(error);
      const rowLambda = v128.load32_splat(rowLambdas);
      const columnLambda = v128.load32_splat(columnLambdas);
      const rowRate = f32x4.splat(rate * rowCorrection);
      const columnRate = f32x4.splat(rate * columnCorrection);
      for (let o: usize = 0; o < strideBytes; o += 16) {
        const pv = v128.load(p + o);
        const qv = v128.load(q + o);
        const rowGradient = multiplySubtract(rowLambda, pv, f32x4.mul(e, qv));
        const columnGradient = multiplySubtract(columnLambda, qv, f32x4.mul(e, pv));
        const rowMove = moveOf(rowState + o, strideBytes, rowGradient, rowRate, parametersPtr);
        const columnMove = moveOf(columnState + o, strideBytes, columnGradient, columnRate, parametersPtr);
        v128.store(p + o, f32x4.add(pv, rowMove));
        v128.store(q + o, f32x4.add(qv, columnMove));
      }
    }
  }
  return loss;
}

/** Moves four factors' moments by their gradient, and returns the step of the factors. */
function moveOf(momentsPtr: usize, strideBytes: usize, gradient: v128, rate: v128, parametersPtr: usize): v128 {
  const one = f32x4.splat(1);
  const beta1 = v128.load32_splat(parametersPtr, 8); // from memory: V8 would build a constant anew at each use
  const beta2 = v128.load32_splat(parametersPtr, 12);
  const epsilon = v128.load32_splat(parametersPtr, 16);
  const first = multiplyAdd(beta1, v128.load(momentsPtr), f32x4.mul(f32x4.sub(one, beta1), gradient));
  const square = f32x4.mul(gradient, gradient);
  const secondPtr = momentsPtr + strideBytes;
  const second = multiplyAdd(beta2, v128.load(secondPtr), f32x4.mul(f32x4.sub(one, beta2), square));
  v128.store(momentsPtr, first);
  v128.store(secondPtr, second);
  return f32x4.div(f32x4.mul(rate, first), f32x4.add(f32x4.sqrt(second), epsilon));
}

/** Counts one step of a row, steps its bias, and returns the correction √(1 − β₂ᵗ)/(1 − β₁ᵗ) of that step. */
function advance(tailPtr: usize, biasAt: usize, error: f32, lambda: f32, parametersPtr: usize): f32 {
  const beta1 = load<f32>(parametersPtr, 8);
  const beta2 = load<f32>(parametersPtr, 12);
  const power1 = load<f32>(tailPtr, 8) * beta1;
  const power2 = load<f32>(tailPtr, 12) * beta2;
  store<f32>(tailPtr, power1, 8);
  store<f32>(tailPtr, power2, 12);
  const correction = sqrt<f32>(1 - power2) / (1 - power1);
  const bias = load<f32>(biasAt);
  const gradient = error - lambda * bias;
  const first = beta1 * load<f32>(tailPtr) + (1 - beta1) * gradient;
  const second = beta2 * load<f32>(tailPtr, 4) + (1 - beta2) * gradient * gradient;
  store<f32>(tailPtr, first);
  store<f32>(tailPtr, second, 4);
  const rate = load<f32>(parametersPtr, 4) * correction;
  store<f32>(biasAt, bias + (rate * first) / (sqrt(second) + load<f32>(parametersPtr, 16)));
  return correction;
}
