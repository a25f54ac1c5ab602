/** values[begin, end) ← factor · values. valuesPtr f32[]. Returns 0. */
export function scaleValues(begin: u32, end: u32, valuesPtr: usize, factor: f32): f64 {
  const scale = f32x4.splat(factor);
  // Counted from valuesPtr: the address behind a table at the end of 4 GiB would be 0.
  let o = (<usize>begin) << 2;
  const stop = (<usize>end) << 2;
  for (; o + 16 <= stop; o += 16) v128.store(valuesPtr + o, f32x4.mul(v128.load(valuesPtr + o), scale));
  for (; o < stop; o += 4) store<f32>(valuesPtr + o, load<f32>(valuesPtr + o) * factor);
  return 0;
}

/** into[begin, end) += factor · from. intoPtr, fromPtr f32[]. Returns 0. */
export function addScaled(begin: u32, end: u32, intoPtr: usize, fromPtr: usize, factor: f32): f64 {
  const stop = (<usize>end) << 2;
  for (let o = (<usize>begin) << 2; o < stop; o += 4) {
    store<f32>(intoPtr + o, load<f32>(intoPtr + o) + factor * load<f32>(fromPtr + o));
  }
  return 0;
}
