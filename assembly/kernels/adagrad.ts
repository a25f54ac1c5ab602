import { multiplyAdd, sumLanes } from "../linalg/lanes";
import { biasesOf, factorsOf, regularizationOf, stateOf } from "../linalg/side";

/**
 * One pass over rows [rowBegin, rowEnd) of a block of ratings by AdaGrad with one step size a row (Duchi, Hazan,
 * Singer 2011; one accumulator a row as in Chin et al. 2015, "A learning-rate schedule for SGD in matrix
 * factorization", but with the sum over the factors, and accumulated before the step). For every rating z, in order,
 * for x the row p with g = e q − λ p, and the row q with g = e p − λ q, both taken from the old values:
 *
 *   e = z − b_u − b_i − p_u·q_i      G ← G + ‖g‖²      x ← x + η G^-½ g
 *   for both biases, with g = e − λ b:      H ← H + g²      b ← b + η H^-½ g
 *
 * ‖g‖² = e²‖q‖² − 2 e λ p·q + λ²‖p‖² needs no second look at the rows. Arguments as in `sgdRows`; state of a row:
 * f32[2], G and H, which start at what the caller wrote. Returns Σ e², each error taken before its own update.
 */
export function adagradRows(
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
  const rate = load<f32>(parametersPtr);
  const biasRate = load<f32>(parametersPtr, 4);
  let loss: f64 = 0;
  for (let row = <usize>rowBegin; row < <usize>rowEnd; row++) {
    const begin = (<usize>load<u32>(offsetsPtr + (row << 2))) << 2;
    const end = (<usize>load<u32>(offsetsPtr + (row << 2), 4)) << 2;
    const p = rowFactors + row * strideBytes;
    const rowBiasAt = biasesOf(rowSidePtr) + (row << 2);
    const rowLambdas = regularizationOf(rowSidePtr) + (row << 3);
    const rowState = stateOf(rowSidePtr) + (row << 3);
    for (let at = begin; at < end; at += 4) {
      const column = <usize>load<u32>(columnsPtr + at);
      const q = columnFactors + column * strideBytes;
      const columnBiasAt = biasesOf(columnSidePtr) + (column << 2);
      const columnLambdas = regularizationOf(columnSidePtr) + (column << 3);
      const columnState = stateOf(columnSidePtr) + (column << 3);
      let products = f32x4.splat(0);
      let rowSquares = f32x4.splat(0);
      let columnSquares = f32x4.splat(0);
      let products1 = f32x4.splat(0); // a second set, for every other four: each sum waits for its last
      let rowSquares1 = f32x4.splat(0);
      let columnSquares1 = f32x4.splat(0);
      let o: usize = 0;
      for (const pairBytes = strideBytes & ~31; o < pairBytes; o += 32) {
        const p0 = v128.load(p + o);
        const q0 = v128.load(q + o);
        products = multiplyAdd(p0, q0, products);
        rowSquares = multiplyAdd(p0, p0, rowSquares);
        columnSquares = multiplyAdd(q0, q0, columnSquares);
        const p1 = v128.load(p + o, 16);
        const q1 = v128.load(q + o, 16);
        products1 = multiplyAdd(p1, q1, products1);
        rowSquares1 = multiplyAdd(p1, p1, rowSquares1);
        columnSquares1 = multiplyAdd(q1, q1, columnSquares1);
      }
      if (o < strideBytes) {
        const pv = v128.load(p + o);
        const qv = v128.load(q + o);
        products = multiplyAdd(pv, qv, products);
        rowSquares = multiplyAdd(pv, pv, rowSquares);
        columnSquares = multiplyAdd(qv, qv, columnSquares);
      }
      const product = sumLanes(f32x4.add(products, products1));
      const rowSquare = sumLanes(f32x4.add(rowSquares, rowSquares1));
      const columnSquare = sumLanes(f32x4.add(columnSquares, columnSquares1));
      const error = load<f32>(valuesPtr + at) - load<f32>(columnBiasAt) - load<f32>(rowBiasAt) - product;
      loss += <f64>error * <f64>error;
      stepBias(rowBiasAt, rowState, error, biasRate, load<f32>(rowLambdas, 4));
      stepBias(columnBiasAt, columnState, error, biasRate, load<f32>(columnLambdas, 4));
      const rowLambda = load<f32>(rowLambdas);
      const columnLambda = load<f32>(columnLambdas);
      const rowRate = advance(rowState, rate, error, rowLambda, rowSquare, columnSquare, product);
      const columnRate = advance(columnState, rate, error, columnLambda, columnSquare, rowSquare, product);
      const rowStep = f32x4.splat(rowRate * error);
      const rowShrink = f32x4.splat(1 - rowRate * rowLambda);
      const columnStep = f32x4.splat(columnRate * error);
      const columnShrink = f32x4.splat(1 - columnRate * columnLambda);
      for (o = 0; o < strideBytes; o += 16) {
        const pv = v128.load(p + o);
        const qv = v128.load(q + o);
        v128.store(p + o, multiplyAdd(rowStep, qv, f32x4.mul(pv, rowShrink)));
        v128.store(q + o, multiplyAdd(columnStep, pv, f32x4.mul(qv, columnShrink)));
      }
    }
  }
  return loss;
}

/** Adds ‖e·other − λ·own‖² to the accumulator of a row, and returns the rate of its step. */
function advance(
  statePtr: usize,
  rate: f32,
  error: f32,
  lambda: f32,
  ownSquare: f32,
  otherSquare: f32,
  product: f32,
): f32 {
  const gradientSquare = error * error * otherSquare - 2 * error * lambda * product + lambda * lambda * ownSquare;
  const accumulator = load<f32>(statePtr) + max<f32>(0, gradientSquare); // rounding may leave it below 0
  store<f32>(statePtr, accumulator);
  return rate / sqrt(accumulator);
}

/** The step of one bias; its accumulator is the second number of the row's state. */
function stepBias(biasAt: usize, statePtr: usize, error: f32, rate: f32, lambda: f32): void {
  const bias = load<f32>(biasAt);
  const gradient = error - lambda * bias;
  const accumulator = load<f32>(statePtr, 4) + gradient * gradient;
  store<f32>(statePtr, accumulator, 4);
  store<f32>(biasAt, bias + (rate / sqrt(accumulator)) * gradient);
}
