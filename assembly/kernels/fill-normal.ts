import { normalQuantile, philox4x32, uniform } from "../linalg/random";

/**
 * Rows [rowBegin, rowEnd) of a matrix ← independent draws of N(0, deviation²), padding ← 0. Entry (row, f) comes from
 * word f mod 4 of the Philox block (f div 4, row, 0, purpose) under the seed, so it depends on nothing else.
 * matrixPtr f32[rows × stride] · columns ≤ stride · seedLow, seedHigh: the seed's 32-bit halves. Returns 0.
 */
export function fillNormalRows(
  rowBegin: i32,
  rowEnd: i32,
  matrixPtr: usize,
  columns: i32,
  stride: i32,
  deviation: f32,
  seedLow: u32,
  seedHigh: u32,
  purpose: u32,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  const columnBytes = (<usize>columns) << 2;
  for (let row = <u32>rowBegin; row < <u32>rowEnd; row++) {
    const rowPtr = matrixPtr + <usize>row * strideBytes;
    for (let o: usize = 0; o < strideBytes; o += 16) {
      const at = rowPtr + o;
      philox4x32(<u32>(o >> 4), row, 0, purpose, seedLow, seedHigh, at);
      for (let lane: usize = 0; lane < 16; lane += 4) {
        const inside = o + lane < columnBytes;
        const value = inside ? deviation * <f32>normalQuantile(uniform(load<u32>(at + lane))) : 0;
        store<f32>(at + lane, value);
      }
    }
  }
  return 0;
}
