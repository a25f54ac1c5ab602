/**
 * Steps of parameters by their gradient, four at a time: g = sum · share + pull · p.
 *
 *   Adam (Kingma, Ba 2015)             m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  p ← p − rate m / (√v + ε)
 *   momentum (Polyak 1964)             v ← momentum v + g,  p ← p − rate v
 *   resilient (Riedmiller, Braun 1993; without the way back: Igel, Hüsken 2000)
 *                                      step ← step η⁺ where g has kept its sign, η⁻ where it has changed (and g ← 0),
 *                                      p ← p − sign(g) step
 *
 * Adam's correction of its first steps is in the rate: rate √(1 − β₂ᵗ)/(1 − β₁ᵗ).
 */
import { multiplyAdd, multiplySubtract } from "./lanes";

export const ADAM: u32 = 0;
export const MOMENTUM: u32 = 1;

/**
 * Steps `bytes` (a multiple of 16) of parameters. sums f32: the gradients' sums · state1, state2: the optimiser's, f32
 * each · parametersPtr as in linalg/autorec-network.ts
 */
export function stepAll(
  kind: u32,
  bytes: usize,
  p: usize,
  state1: usize,
  state2: usize,
  sums: usize,
  share: f32,
  pull: f32,
  rate: f32,
  parametersPtr: usize,
): void {
  const shares = f32x4.splat(share);
  const pulls = f32x4.splat(pull);
  const rates = f32x4.splat(rate);
  const first = v128.load32_splat(parametersPtr, 4);
  if (kind === ADAM) {
    const one = f32x4.splat(1);
    const second = v128.load32_splat(parametersPtr, 8);
    const epsilon = v128.load32_splat(parametersPtr, 12);
    const first1 = f32x4.sub(one, first);
    const second1 = f32x4.sub(one, second);
    for (let o: usize = 0; o < bytes; o += 16) {
      const value = v128.load(p + o);
      const g = multiplyAdd(pulls, value, f32x4.mul(shares, v128.load(sums + o)));
      const m = multiplyAdd(first, v128.load(state1 + o), f32x4.mul(first1, g));
      const v = multiplyAdd(second, v128.load(state2 + o), f32x4.mul(second1, f32x4.mul(g, g)));
      v128.store(state1 + o, m);
      v128.store(state2 + o, v);
      const step = f32x4.div(f32x4.mul(rates, m), f32x4.add(f32x4.sqrt(v), epsilon));
      v128.store(p + o, f32x4.sub(value, step));
    }
    return;
  }
  if (kind === MOMENTUM) {
    for (let o: usize = 0; o < bytes; o += 16) {
      const value = v128.load(p + o);
      const g = multiplyAdd(pulls, value, f32x4.mul(shares, v128.load(sums + o)));
      const v = multiplyAdd(first, v128.load(state1 + o), g);
      v128.store(state1 + o, v);
      v128.store(p + o, multiplySubtract(rates, v, value));
    }
    return;
  }
  const up = v128.load32_splat(parametersPtr, 8);
  const least = v128.load32_splat(parametersPtr, 12);
  const most = v128.load32_splat(parametersPtr, 16);
  const zero = f32x4.splat(0);
  const signs = i32x4.splat(0x80000000);
  for (let o: usize = 0; o < bytes; o += 16) {
    const value = v128.load(p + o);
    const g = multiplyAdd(pulls, value, f32x4.mul(shares, v128.load(sums + o)));
    const agreement = f32x4.mul(g, v128.load(state1 + o));
    const old = v128.load(state2 + o);
    const kept = f32x4.gt(agreement, zero);
    const changed = f32x4.lt(agreement, zero);
    let step = v128.bitselect(f32x4.min(f32x4.mul(old, up), most), old, kept);
    step = v128.bitselect(f32x4.max(f32x4.mul(old, first), least), step, changed);
    const moved = v128.andnot(g, changed);
    v128.store(state1 + o, moved);
    v128.store(state2 + o, step);
    const signed = v128.or(v128.and(moved, signs), v128.andnot(step, f32x4.eq(moved, zero)));
    v128.store(p + o, f32x4.sub(value, signed));
  }
}
