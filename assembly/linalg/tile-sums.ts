/** Sums over a tile: 32 floats of one row are held in registers while entries go by. */
import { multiplyAdd } from "./lanes";

/** c + a·b in two operations, in the relaxed build too: fused, V8 moves what it is added to once more. */
function addProduct(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** out[slot] += weight · row over entries [begin, end) (bytes into the lists), 32 floats each. */
export function scatter(row: usize, slots: usize, weights: usize, begin: usize, end: usize, out: usize): void {
  const r0 = v128.load(row);
  const r1 = v128.load(row, 16);
  const r2 = v128.load(row, 32);
  const r3 = v128.load(row, 48);
  const r4 = v128.load(row, 64);
  const r5 = v128.load(row, 80);
  const r6 = v128.load(row, 96);
  const r7 = v128.load(row, 112);
  for (let at = begin; at < end; at += 4) {
    const w = v128.load32_splat(weights + at);
    const to = out + ((<usize>load<u32>(slots + at)) << 7);
    v128.store(to, addProduct(w, r0, v128.load(to)));
    v128.store(to, addProduct(w, r1, v128.load(to, 16)), 16);
    v128.store(to, addProduct(w, r2, v128.load(to, 32)), 32);
    v128.store(to, addProduct(w, r3, v128.load(to, 48)), 48);
    v128.store(to, addProduct(w, r4, v128.load(to, 64)), 64);
    v128.store(to, addProduct(w, r5, v128.load(to, 80)), 80);
    v128.store(to, addProduct(w, r6, v128.load(to, 96)), 96);
    v128.store(to, addProduct(w, r7, v128.load(to, 112)), 112);
  }
}

/** sum ← Σ weight · from[slot] over entries [begin, end) (bytes into the lists), 32 floats. */
export function gather(from: usize, slots: usize, weights: usize, begin: usize, end: usize, sum: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0);
  let s5 = f32x4.splat(0);
  let s6 = f32x4.splat(0);
  let s7 = f32x4.splat(0);
  for (let at = begin; at < end; at += 4) {
    const w = v128.load32_splat(weights + at);
    const q = from + ((<usize>load<u32>(slots + at)) << 7);
    s0 = multiplyAdd(w, v128.load(q), s0);
    s1 = multiplyAdd(w, v128.load(q, 16), s1);
    s2 = multiplyAdd(w, v128.load(q, 32), s2);
    s3 = multiplyAdd(w, v128.load(q, 48), s3);
    s4 = multiplyAdd(w, v128.load(q, 64), s4);
    s5 = multiplyAdd(w, v128.load(q, 80), s5);
    s6 = multiplyAdd(w, v128.load(q, 96), s6);
    s7 = multiplyAdd(w, v128.load(q, 112), s7);
  }
  v128.store(sum, s0);
  v128.store(sum, s1, 16);
  v128.store(sum, s2, 32);
  v128.store(sum, s3, 48);
  v128.store(sum, s4, 64);
  v128.store(sum, s5, 80);
  v128.store(sum, s6, 96);
  v128.store(sum, s7, 112);
}
