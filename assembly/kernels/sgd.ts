import { dot } from "../linalg/dot";
import { multiplyAdd, sumLanes } from "../linalg/lanes";
import { biasesOf, factorsOf, regularizationOf } from "../linalg/side";

/**
 * One pass of stochastic gradient descent over rows [rowBegin, rowEnd) of a block of ratings (Koren, Bell, Volinsky
 * 2009, "Matrix factorization techniques for recommender systems", the updates below equation 5). For every rating z,
 * row by row and in order within a row, with η the rate of factors and of biases and each row's own λ:
 *
 *   e = z − b_u − b_i − p_u·q_i
 *   b ← b + η (e − λ b)      p ← p + η (e q − λ p)      q ← q + η (e p − λ q), with the old p
 *
 * A shrinkage 1 − η λ below 0 counts as 0. offsetsPtr u32[rows + 1], columnsPtr u32[ratings], valuesPtr f32[ratings]:
 * the block in CSR · rowSidePtr, columnSidePtr: linalg/side.ts, without state · stride in floats, a multiple of 4 ·
 * parametersPtr f32[2]: η of the factors, η of the biases. Returns Σ e², each error taken before its own update.
 */
export function sgdRows(
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
  const rowFactors = factorsOf(rowSidePtr);
  const columnFactors = factorsOf(columnSidePtr);
  const columnBiases = biasesOf(columnSidePtr);
  const columnRegularization = regularizationOf(columnSidePtr);
  const rate = load<f32>(parametersPtr);
  const biasRate = load<f32>(parametersPtr, 4);
  let loss: f64 = 0;
  for (let row = <usize>rowBegin; row < <usize>rowEnd; row++) {
    let at = (<usize>load<u32>(offsetsPtr + (row << 2))) << 2;
    const end = (<usize>load<u32>(offsetsPtr + (row << 2), 4)) << 2;
    if (at === end) continue;
    const p = rowFactors + row * strideBytes;
    const rowBiasAt = biasesOf(rowSidePtr) + (row << 2);
    const rowLambdas = regularizationOf(rowSidePtr) + (row << 3);
    const rowShrink = f32x4.splat(max<f32>(0, 1 - rate * load<f32>(rowLambdas)));
    const rowBiasShrink = max<f32>(0, 1 - biasRate * load<f32>(rowLambdas, 4));
    let rowBias = load<f32>(rowBiasAt);
    let column = <usize>load<u32>(columnsPtr + at);
    let q = columnFactors + column * strideBytes;
    let product = dot(p, q, strideBytes);
    for (;;) {
      const columnBiasAt = columnBiases + (column << 2);
      const columnLambdas = columnRegularization + (column << 3);
      const columnBias = load<f32>(columnBiasAt);
      const error = load<f32>(valuesPtr + at) - columnBias - rowBias - product;
      loss += <f64>error * <f64>error;
      const biasStep = biasRate * error;
      rowBias = biasStep + rowBiasShrink * rowBias;
      store<f32>(columnBiasAt, biasStep + max<f32>(0, 1 - biasRate * load<f32>(columnLambdas, 4)) * columnBias);
      const step = f32x4.splat(rate * error);
      const columnShrink = f32x4.splat(max<f32>(0, 1 - rate * load<f32>(columnLambdas)));
      at += 4;
      if (at === end) {
        descend(p, q, strideBytes, step, rowShrink, columnShrink);
        break;
      }
      column = <usize>load<u32>(columnsPtr + at);
      const next = columnFactors + column * strideBytes;
      product = descendAndDot(p, q, next, strideBytes, step, rowShrink, columnShrink);
      q = next;
    }
    store<f32>(rowBiasAt, rowBias);
  }
  return loss;
}

/** (p, q) ← (rowShrink·p + step·q, columnShrink·q + step·p). */
function descend(p: usize, q: usize, strideBytes: usize, step: v128, rowShrink: v128, columnShrink: v128): void {
  for (let o: usize = 0; o < strideBytes; o += 16) {
    const pv = v128.load(p + o);
    const qv = v128.load(q + o);
    v128.store(p + o, multiplyAdd(step, qv, f32x4.mul(pv, rowShrink)));
    v128.store(q + o, multiplyAdd(step, pv, f32x4.mul(qv, columnShrink)));
  }
}

/**
 * `descend`, and p·next with the new p, summed in the order of `dot`. The next rating's dot is taken while the row is
 * still in registers: each rating waits for the last one's p, and this halves the wait. q is stored before next is
 * read, so the two may be the same row. Written out, because an offset that is part of the instruction is free.
 */
function descendAndDot(
  p: usize,
  q: usize,
  next: usize,
  strideBytes: usize,
  step: v128,
  rowShrink: v128,
  columnShrink: v128,
): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  let o: usize = 0;
  for (const blockBytes = strideBytes & ~63; o < blockBytes; o += 64) {
    const p0 = v128.load(p + o);
    const q0 = v128.load(q + o);
    const moved0 = multiplyAdd(step, q0, f32x4.mul(p0, rowShrink));
    v128.store(p + o, moved0);
    v128.store(q + o, multiplyAdd(step, p0, f32x4.mul(q0, columnShrink)));
    sum0 = multiplyAdd(moved0, v128.load(next + o), sum0);
    const p1 = v128.load(p + o, 16);
    const q1 = v128.load(q + o, 16);
    const moved1 = multiplyAdd(step, q1, f32x4.mul(p1, rowShrink));
    v128.store(p + o, moved1, 16);
    v128.store(q + o, multiplyAdd(step, p1, f32x4.mul(q1, columnShrink)), 16);
    sum1 = multiplyAdd(moved1, v128.load(next + o, 16), sum1);
    const p2 = v128.load(p + o, 32);
    const q2 = v128.load(q + o, 32);
    const moved2 = multiplyAdd(step, q2, f32x4.mul(p2, rowShrink));
    v128.store(p + o, moved2, 32);
    v128.store(q + o, multiplyAdd(step, p2, f32x4.mul(q2, columnShrink)), 32);
    sum2 = multiplyAdd(moved2, v128.load(next + o, 32), sum2);
    const p3 = v128.load(p + o, 48);
    const q3 = v128.load(q + o, 48);
    const moved3 = multiplyAdd(step, q3, f32x4.mul(p3, rowShrink));
    v128.store(p + o, moved3, 48);
    v128.store(q + o, multiplyAdd(step, p3, f32x4.mul(q3, columnShrink)), 48);
    sum3 = multiplyAdd(moved3, v128.load(next + o, 48), sum3);
  }
  for (; o < strideBytes; o += 16) {
    const pv = v128.load(p + o);
    const qv = v128.load(q + o);
    const moved = multiplyAdd(step, qv, f32x4.mul(pv, rowShrink));
    v128.store(p + o, moved);
    v128.store(q + o, multiplyAdd(step, pv, f32x4.mul(qv, columnShrink)));
    sum0 = multiplyAdd(moved, v128.load(next + o), sum0);
  }
  return sumLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}
