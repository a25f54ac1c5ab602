/**
 * A panel: rows of factors side by side, each on a line of its own, the operand of a Gram matrix. Lines are an odd number
 * of cache lines apart: at a power of two they would all fall into the same few sets of the cache (measured, 256 factors:
 * 35 against 44 GFLOP/s).
 */

/** Rows that are gathered before their products are taken. */
export const PANEL_ROWS: u32 = 128;

/** The width of a panel, and of a system of equations, for rows of `stride` floats: the next multiple of 8. */
export function paddedSize(stride: i32): i32 {
  return (stride + 7) & ~7;
}

/** Bytes from one line to the next, for lines of `size` floats. */
export function panelLineBytes(size: i32): usize {
  return (((<usize>size + 15) >> 4) | 1) << 6;
}

/** Copies a row to a line and fills what is left of `size` floats with zeros. */
export function copyToLine(line: usize, row: usize, stride: i32, size: i32): void {
  const strideBytes = (<usize>stride) << 2;
  for (let o: usize = 0; o < strideBytes; o += 16) v128.store(line + o, v128.load(row + o));
  if (stride !== size) v128.store(line + strideBytes, f32x4.splat(0));
}
