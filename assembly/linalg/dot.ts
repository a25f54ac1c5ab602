import { multiplyAdd, sumLanes } from "./lanes";

/**
 * Σ a[f]·b[f] over one row of `strideBytes` (a multiple of 16; padding is zero, so no tail). Four accumulators over
 * blocks of 16 floats, the rest in the first; they are added as (0 + 1) + (2 + 3).
 */
export function dot(a: usize, b: usize, strideBytes: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  let o: usize = 0;
  for (const blockBytes = strideBytes & ~63; o < blockBytes; o += 64) {
    sum0 = multiplyAdd(v128.load(a + o), v128.load(b + o), sum0);
    sum1 = multiplyAdd(v128.load(a + o, 16), v128.load(b + o, 16), sum1);
    sum2 = multiplyAdd(v128.load(a + o, 32), v128.load(b + o, 32), sum2);
    sum3 = multiplyAdd(v128.load(a + o, 48), v128.load(b + o, 48), sum3);
  }
  for (; o < strideBytes; o += 16) sum0 = multiplyAdd(v128.load(a + o), v128.load(b + o), sum0);
  return sumLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}
