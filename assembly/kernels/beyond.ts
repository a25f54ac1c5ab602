/** How many of values[begin, end) are not within ± limit; a NaN is not. valuesPtr f32[]. */
export function countBeyond(begin: u32, end: u32, valuesPtr: usize, limit: f32): f64 {
  let count: u32 = 0;
  for (let index = <usize>begin; index < <usize>end; index++) {
    if (!(abs(load<f32>(valuesPtr + (index << 2))) <= limit)) count++;
  }
  return <f64>count;
}
