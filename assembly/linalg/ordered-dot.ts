import { multiplyAdd } from "./lanes";

/**
 * Dot products as one chain each, factor by factor from 0: acc ← acc + p_f q_f. The order is that of a matrix product
 * with the factors in its innermost loop, so that one pair, a row of pairs and a block of them have equal bits.
 * Rows are `strideBytes` long, a multiple of 16; lanes never mix, so a row may lie in any of them.
 */

/** The dots of p0 … p3 with q0 … q3, one a lane. */
export function fourDots(
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  q0: usize,
  q1: usize,
  q2: usize,
  q3: usize,
  strideBytes: usize,
): v128 {
  let sum = f32x4.splat(0);
  for (let o: usize = 0; o < strideBytes; o += 16) {
    const pa = v128.load(p0 + o);
    const pb = v128.load(p1 + o);
    const pc = v128.load(p2 + o);
    const pd = v128.load(p3 + o);
    const qa = v128.load(q0 + o);
    const qb = v128.load(q1 + o);
    const qc = v128.load(q2 + o);
    const qd = v128.load(q3 + o);
    const pab = lowPairs(pa, pb);
    const pcd = lowPairs(pc, pd);
    const qab = lowPairs(qa, qb);
    const qcd = lowPairs(qc, qd);
    sum = multiplyAdd(lowHalves(pab, pcd), lowHalves(qab, qcd), sum);
    sum = multiplyAdd(highHalves(pab, pcd), highHalves(qab, qcd), sum);
    const pAB = highPairs(pa, pb);
    const pCD = highPairs(pc, pd);
    const qAB = highPairs(qa, qb);
    const qCD = highPairs(qc, qd);
    sum = multiplyAdd(lowHalves(pAB, pCD), lowHalves(qAB, qCD), sum);
    sum = multiplyAdd(highHalves(pAB, pCD), highHalves(qAB, qCD), sum);
  }
  return sum;
}

/** The dots of p with eight rows, one behind the other from q, to f32[8] at outPtr: two chains of lanes hide the wait of one. */
export function eightDots(p: usize, q: usize, strideBytes: usize, outPtr: usize): void {
  let low = f32x4.splat(0);
  let high = f32x4.splat(0);
  const q4 = q + 4 * strideBytes;
  for (let o: usize = 0; o < strideBytes; o += 16) {
    const p0 = v128.load32_splat(p + o);
    const p1 = v128.load32_splat(p + o, 4);
    const p2 = v128.load32_splat(p + o, 8);
    const p3 = v128.load32_splat(p + o, 12);
    low = addProducts(p0, p1, p2, p3, q + o, strideBytes, low);
    high = addProducts(p0, p1, p2, p3, q4 + o, strideBytes, high);
  }
  v128.store(outPtr, low);
  v128.store(outPtr, high, 16);
}

/** sums + p0 … p3 times the four factors at q of four rows, one row a lane. */
function addProducts(p0: v128, p1: v128, p2: v128, p3: v128, q: usize, strideBytes: usize, sums: v128): v128 {
  const qa = v128.load(q);
  const qb = v128.load(q + strideBytes);
  const qc = v128.load(q + 2 * strideBytes);
  const qd = v128.load(q + 3 * strideBytes);
  const qab = lowPairs(qa, qb);
  const qcd = lowPairs(qc, qd);
  const qAB = highPairs(qa, qb);
  const qCD = highPairs(qc, qd);
  sums = multiplyAdd(p0, lowHalves(qab, qcd), sums);
  sums = multiplyAdd(p1, highHalves(qab, qcd), sums);
  sums = multiplyAdd(p2, lowHalves(qAB, qCD), sums);
  return multiplyAdd(p3, highHalves(qAB, qCD), sums);
}

/** Half a 4 × 4 transpose: a0 b0 a1 b1. */
export function lowPairs(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 4, 1, 5);
}

/** a2 b2 a3 b3. */
export function highPairs(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 2, 6, 3, 7);
}

/** The other half: from a0 b0 a1 b1 and c0 d0 c1 d1 to a0 b0 c0 d0. */
export function lowHalves(ab: v128, cd: v128): v128 {
  return i32x4.shuffle(ab, cd, 0, 1, 4, 5);
}

/** From a0 b0 a1 b1 and c0 d0 c1 d1 to a1 b1 c1 d1. */
export function highHalves(ab: v128, cd: v128): v128 {
  return i32x4.shuffle(ab, cd, 2, 3, 6, 7);
}
