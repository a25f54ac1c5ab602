/** How many of values[begin, end) are NaN or infinite: those with all bits of the exponent set. valuesPtr f32[]. */
export function countNonFinite(begin: u32, end: u32, valuesPtr: usize): f64 {
  let count: u32 = 0;
  for (let index = <usize>begin; index < <usize>end; index++) {
    if ((load<u32>(valuesPtr + (index << 2)) & 0x7f800000) === 0x7f800000) count++;
  }
  return <f64>count;
}
