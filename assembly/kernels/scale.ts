/** values[begin, end) ← factor · values. valuesPtr f32[]. Returns 0. */
export function scaleValues(begin: u32, end: u32, valuesPtr: usize, factor: f32): f64 {
  const scale = f32x4.splat(factor);
  let at = valuesPtr + ((<usize>begin) << 2);
  const stop = valuesPtr + ((<usize>end) << 2);
  for (; at + 16 <= stop; at += 16) v128.store(at, f32x4.mul(v128.load(at), scale));
  for (; at < stop; at += 4) store<f32>(at, load<f32>(at) * factor);
  return 0;
}
