/** Bytes of one row in one tile: 32 columns. */
const LINE_BYTES: usize = 128;

/**
 * Rows [rowBegin, rowEnd) of a matrix cut into tiles of 32 columns: tile t is f32[numRows × 32], floats [32t, 32t + 32) of
 * every row, 0 from the stride on. So a pass over one tile reads a wide matrix without a gap.
 * rowsPtr f32[numRows × stride], stride a multiple of 4 · tilesPtr: tile t at tilesPtr + t·tileBytes, written; tileBytes
 * at least 128 numRows, and all that is read of where the next tile lies. Returns 0.
 */
export function packTiles(
  rowBegin: u32,
  rowEnd: u32,
  rowsPtr: usize,
  stride: u32,
  tilesPtr: usize,
  tileBytes: usize,
): f64 {
  const rowBytes = (<usize>stride) << 2;
  for (let row = <usize>rowBegin; row < <usize>rowEnd; row++) {
    const from = rowsPtr + row * rowBytes;
    let line = tilesPtr + row * LINE_BYTES;
    for (let begin: usize = 0; begin < rowBytes; begin += LINE_BYTES) {
      for (let o: usize = 0; o < LINE_BYTES; o += 16) {
        v128.store(line + o, begin + o < rowBytes ? v128.load(from + begin + o) : f32x4.splat(0));
      }
      line += tileBytes;
    }
  }
  return 0;
}

/** The way back: rows [rowBegin, rowEnd) from the tiles of packTiles, with its arguments, rowsPtr written. Returns 0. */
export function unpackTiles(
  rowBegin: u32,
  rowEnd: u32,
  rowsPtr: usize,
  stride: u32,
  tilesPtr: usize,
  tileBytes: usize,
): f64 {
  const rowBytes = (<usize>stride) << 2;
  for (let row = <usize>rowBegin; row < <usize>rowEnd; row++) {
    const to = rowsPtr + row * rowBytes;
    let line = tilesPtr + row * LINE_BYTES;
    for (let begin: usize = 0; begin < rowBytes; begin += LINE_BYTES) {
      const bytes = min(rowBytes - begin, LINE_BYTES);
      for (let o: usize = 0; o < bytes; o += 16) v128.store(to + begin + o, v128.load(line + o));
      line += tileBytes;
    }
  }
  return 0;
}
