import { dot } from "../linalg/dot";
import { multiplyAdd, sumLanes, sumLanesOfFour } from "../linalg/lanes";
import { biasesOf, factorsOf, regularizationOf } from "../linalg/side";

/**
 * One pass of stochastic gradient descent over rows [rowBegin, rowEnd) of a block of ratings (Koren, Bell, Volinsky
 * 2009, "Matrix factorization techniques for recommender systems", the updates below equation 5). A row's ratings step
 * in batches B of four, in order, the last of a row of what is left. With η the rate of factors and of biases and each
 * row's own λ, for every rating z of a batch, by the row's values from before it:
 *
 *   e = z − b_u − b_i − p_u·q_i
 *   b_u ← b_u + η Σ_B (e − λ b_u)      p ← p + η Σ_B (e q − λ p)
 *   b_i ← b_i + η (e − λ b_i)          q ← q + η (e p − λ q)
 *
 * A batch reads and writes the row once, and its ratings do not wait for each other. A column that comes twice in
 * a batch moves twice, in order. A shrinkage 1 − η λ, or 1 − |B| η λ of the row, below 0 counts as 0.
 *
 * offsetsPtr u32[rows + 1], columnsPtr u32[ratings], valuesPtr f32[ratings]: the block in CSR · rowSidePtr,
 * columnSidePtr: linalg/side.ts, without state · stride in floats, a multiple of 4 · parametersPtr f32[2]: η of the
 * factors, η of the biases. Returns Σ e², each error taken before its batch.
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
  const rate = load<f32>(parametersPtr);
  const biasRate = load<f32>(parametersPtr, 4);
  let loss: f64 = 0;
  for (let row = <usize>rowBegin; row < <usize>rowEnd; row++) {
    let at = (<usize>load<u32>(offsetsPtr + (row << 2))) << 2;
    const end = (<usize>load<u32>(offsetsPtr + (row << 2), 4)) << 2;
    const p = rowFactors + row * strideBytes;
    const rowBiasAt = biasesOf(rowSidePtr) + (row << 2);
    const rowLambdas = regularizationOf(rowSidePtr) + (row << 3);
    for (; at < end; at += 16) {
      const count = min<i32>(4, <i32>((end - at) >> 2));
      const columns = columnsPtr + at;
      const values = valuesPtr + at;
      const q0 = columnFactors + <usize>load<u32>(columns) * strideBytes;
      const q1 = count > 1 ? columnFactors + <usize>load<u32>(columns, 4) * strideBytes : q0;
      const q2 = count > 2 ? columnFactors + <usize>load<u32>(columns, 8) * strideBytes : q0;
      const q3 = count > 3 ? columnFactors + <usize>load<u32>(columns, 12) * strideBytes : q0;
      let products: v128;
      if (count === 4) products = dots<Four>(p, q0, q1, q2, q3, strideBytes);
      else if (count === 3) products = dots<Three>(p, q0, q1, q2, q3, strideBytes);
      else if (count === 2) products = dots<Two>(p, q0, q1, q2, q3, strideBytes);
      else products = dots<One>(p, q0, q1, q2, q3, strideBytes);
      const rowBias = load<f32>(rowBiasAt);
      const predicted = f32x4.add(products, f32x4.splat(rowBias));
      let errors: v128;
      if (count === 4) errors = stepColumnBiases<Four>(predicted, columns, values, columnSidePtr, biasRate);
      else if (count === 3) errors = stepColumnBiases<Three>(predicted, columns, values, columnSidePtr, biasRate);
      else if (count === 2) errors = stepColumnBiases<Two>(predicted, columns, values, columnSidePtr, biasRate);
      else errors = stepColumnBiases<One>(predicted, columns, values, columnSidePtr, biasRate);
      const rowBiasShrink = max<f32>(0, 1 - <f32>count * biasRate * load<f32>(rowLambdas, 4));
      store<f32>(rowBiasAt, biasRate * sumLanes(errors) + rowBiasShrink * rowBias);
      const steps = f32x4.mul(f32x4.splat(rate), errors);
      const rowShrink = f32x4.splat(max<f32>(0, 1 - <f32>count * rate * load<f32>(rowLambdas)));
      if (count === 4) descend<Four>(p, q0, q1, q2, q3, strideBytes, steps, columns, columnSidePtr, rate, rowShrink);
      else if (count === 3)
        descend<Three>(p, q0, q1, q2, q3, strideBytes, steps, columns, columnSidePtr, rate, rowShrink);
      else if (count === 2)
        descend<Two>(p, q0, q1, q2, q3, strideBytes, steps, columns, columnSidePtr, rate, rowShrink);
      else descend<One>(p, q0, q1, q2, q3, strideBytes, steps, columns, columnSidePtr, rate, rowShrink);
      loss += sumOfSquares(errors);
    }
  }
  return loss;
}

/**
 * How many ratings a batch has, as a type: `offsetof` tells the number while compiling, so each has loops of its own, and
 * the compiler takes them into their only caller: with few factors, a call a batch would be felt.
 */
class One {
  a: u8 = 0;
}
class Two extends One {
  b: u8 = 0;
}
class Three extends Two {
  c: u8 = 0;
}
class Four extends Three {
  d: u8 = 0;
}

/** p·q of each rating; lanes from `count` on are 0. */
function dots<Ratings>(p: usize, q0: usize, q1: usize, q2: usize, q3: usize, strideBytes: usize): v128 {
  const count = <i32>offsetof<Ratings>();
  if (count === 1) return f32x4.replace_lane(f32x4.splat(0), 0, dot(p, q0, strideBytes));
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let b0 = f32x4.splat(0); // a second set, for every other four: each sum waits for its last
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let b3 = f32x4.splat(0);
  let o: usize = 0;
  for (const pairBytes = strideBytes & ~31; o < pairBytes; o += 32) {
    const pa = v128.load(p + o);
    a0 = multiplyAdd(pa, v128.load(q0 + o), a0);
    a1 = multiplyAdd(pa, v128.load(q1 + o), a1);
    if (count > 2) a2 = multiplyAdd(pa, v128.load(q2 + o), a2);
    if (count > 3) a3 = multiplyAdd(pa, v128.load(q3 + o), a3);
    const pb = v128.load(p + o, 16);
    b0 = multiplyAdd(pb, v128.load(q0 + o, 16), b0);
    b1 = multiplyAdd(pb, v128.load(q1 + o, 16), b1);
    if (count > 2) b2 = multiplyAdd(pb, v128.load(q2 + o, 16), b2);
    if (count > 3) b3 = multiplyAdd(pb, v128.load(q3 + o, 16), b3);
  }
  if (o < strideBytes) {
    const pa = v128.load(p + o);
    a0 = multiplyAdd(pa, v128.load(q0 + o), a0);
    a1 = multiplyAdd(pa, v128.load(q1 + o), a1);
    if (count > 2) a2 = multiplyAdd(pa, v128.load(q2 + o), a2);
    if (count > 3) a3 = multiplyAdd(pa, v128.load(q3 + o), a3);
  }
  return sumLanesOfFour(f32x4.add(a0, b0), f32x4.add(a1, b1), f32x4.add(a2, b2), f32x4.add(a3, b3));
}

/** Moves the columns' biases, and returns the errors, `predicted` without them; lanes from `count` on are 0. */
function stepColumnBiases<Ratings>(
  predicted: v128,
  columnsPtr: usize,
  valuesPtr: usize,
  columnSidePtr: usize,
  rate: f32,
): v128 {
  const count = <i32>offsetof<Ratings>();
  let values = v128.load32_zero(valuesPtr);
  if (count > 1) values = v128.load64_zero(valuesPtr);
  if (count > 2) values = v128.load_lane<f32>(valuesPtr, values, 2, 8);
  if (count > 3) values = v128.load(valuesPtr);
  const biasesPtr = biasesOf(columnSidePtr);
  const biases = gather<Ratings>(columnsPtr, biasesPtr, 2);
  let errors = f32x4.sub(f32x4.sub(values, biases), predicted);
  if (count < 4) errors = v128.and(errors, i32x4(-1, count > 1 ? -1 : 0, count > 2 ? -1 : 0, 0));
  const steps = f32x4.mul(f32x4.splat(rate), errors);
  const shrinks = shrinkages(rate, gather<Ratings>(columnsPtr, regularizationOf(columnSidePtr) + 4, 3));
  stepBias(biasesPtr + biasOffset(columnsPtr), f32x4.extract_lane(steps, 0), f32x4.extract_lane(shrinks, 0));
  if (count > 1) {
    stepBias(biasesPtr + biasOffset(columnsPtr + 4), f32x4.extract_lane(steps, 1), f32x4.extract_lane(shrinks, 1));
  }
  if (count > 2) {
    stepBias(biasesPtr + biasOffset(columnsPtr + 8), f32x4.extract_lane(steps, 2), f32x4.extract_lane(shrinks, 2));
  }
  if (count > 3) {
    stepBias(biasesPtr + biasOffset(columnsPtr + 12), f32x4.extract_lane(steps, 3), f32x4.extract_lane(shrinks, 3));
  }
  return errors;
}

function biasOffset(columnPtr: usize): usize {
  return (<usize>load<u32>(columnPtr)) << 2;
}

function stepBias(at: usize, step: f32, shrink: f32): void {
  store<f32>(at, step + shrink * load<f32>(at));
}

/** A float of each rating's column, columns lying 2^shift bytes apart; lanes from `count` on are 0. */
function gather<Ratings>(columnsPtr: usize, floatsPtr: usize, shift: usize): v128 {
  const count = <i32>offsetof<Ratings>();
  let floats = v128.load32_zero(floatsPtr + ((<usize>load<u32>(columnsPtr)) << shift));
  if (count > 1) floats = v128.load_lane<f32>(floatsPtr + ((<usize>load<u32>(columnsPtr, 4)) << shift), floats, 1);
  if (count > 2) floats = v128.load_lane<f32>(floatsPtr + ((<usize>load<u32>(columnsPtr, 8)) << shift), floats, 2);
  if (count > 3) floats = v128.load_lane<f32>(floatsPtr + ((<usize>load<u32>(columnsPtr, 12)) << shift), floats, 3);
  return floats;
}

/** 1 − η λ, or 0 where that is below. */
function shrinkages(rate: f32, lambdas: v128): v128 {
  return f32x4.max(f32x4.splat(0), f32x4.sub(f32x4.splat(1), f32x4.mul(f32x4.splat(rate), lambdas)));
}

function sumOfSquares(v: v128): f64 {
  const low = f64x2.promote_low_f32x4(v);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 0, 1));
  const sums = f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high));
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** p ← rowShrink·p + Σ step·q and q ← shrink·q + step·p, with the old p, for each rating's q. */
function descend<Ratings>(
  p: usize,
  q0: usize,
  q1: usize,
  q2: usize,
  q3: usize,
  strideBytes: usize,
  steps: v128,
  columnsPtr: usize,
  columnSidePtr: usize,
  rate: f32,
  rowShrink: v128,
): void {
  const count = <i32>offsetof<Ratings>();
  const shrinks = shrinkages(rate, gather<Ratings>(columnsPtr, regularizationOf(columnSidePtr), 3));
  const step0 = i32x4.shuffle(steps, steps, 0, 0, 0, 0);
  const step1 = i32x4.shuffle(steps, steps, 1, 1, 1, 1);
  const step2 = i32x4.shuffle(steps, steps, 2, 2, 2, 2);
  const step3 = i32x4.shuffle(steps, steps, 3, 3, 3, 3);
  const shrink0 = i32x4.shuffle(shrinks, shrinks, 0, 0, 0, 0);
  const shrink1 = i32x4.shuffle(shrinks, shrinks, 1, 1, 1, 1);
  const shrink2 = i32x4.shuffle(shrinks, shrinks, 2, 2, 2, 2);
  const shrink3 = i32x4.shuffle(shrinks, shrinks, 3, 3, 3, 3);
  for (let o: usize = 0; o < strideBytes; o += 16) {
    const pv = v128.load(p + o);
    let moved = f32x4.mul(pv, rowShrink);
    moved = stepColumn(q0 + o, pv, step0, shrink0, moved);
    if (count > 1) moved = stepColumn(q1 + o, pv, step1, shrink1, moved);
    if (count > 2) moved = stepColumn(q2 + o, pv, step2, shrink2, moved);
    if (count > 3) moved = stepColumn(q3 + o, pv, step3, shrink3, moved);
    v128.store(p + o, moved);
  }
}

/** Moves four factors of a column, and returns `moved` with the column's share of the row's step. */
function stepColumn(at: usize, pv: v128, step: v128, shrink: v128, moved: v128): v128 {
  const qv = v128.load(at);
  v128.store(at, multiplyAdd(step, pv, f32x4.mul(qv, shrink)));
  return multiplyAdd(step, qv, moved);
}
