import { codeTileBytesOf, decoderOf, TILE_BYTES, tileBytesOf } from "../linalg/autorec-network";
import { dot } from "../linalg/dot";

/**
 * Codes of a batch's slots [slotBegin, slotEnd), less that of a row without entries, to their rows of a table:
 * factors[number] ← z − z₀. networkPtr, batchPtr: linalg/autorec-network.ts · emptyPtr f32[tiles × 32] z₀ · factorsPtr
 * f32[rows × stride], stride in floats, ≤ tiles × 32. Returns 0.
 */
export function placeCodes(
  slotBegin: u32,
  slotEnd: u32,
  networkPtr: usize,
  batchPtr: usize,
  emptyPtr: usize,
  factorsPtr: usize,
  stride: u32,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  const numbers = <usize>load<u32>(batchPtr, 36);
  for (let slot = <usize>slotBegin; slot < <usize>slotEnd; slot++) {
    const to = factorsPtr + <usize>load<u32>(numbers + (slot << 2)) * strideBytes;
    let tile = <usize>load<u32>(networkPtr, 48) + slot * TILE_BYTES;
    for (let first: usize = 0; first < strideBytes; first += TILE_BYTES, tile += codeTileBytesOf(networkPtr)) {
      const bytes = min(TILE_BYTES, strideBytes - first);
      for (let o: usize = 0; o < bytes; o += 16) {
        v128.store(to + first + o, f32x4.sub(v128.load(tile + o), v128.load(emptyPtr + first + o)));
      }
    }
  }
  return 0;
}

/**
 * Rows [rowBegin, rowEnd) of the decoder to a table, in units of the ratings: factors ← scale w, bias ← base +
 * scale (b + w·z₀), so that it goes with the codes of placeCodes. basePtr f32[rows] · the rest as in placeCodes. Returns 0.
 */
export function placeDecoder(
  rowBegin: u32,
  rowEnd: u32,
  networkPtr: usize,
  emptyPtr: usize,
  factorsPtr: usize,
  stride: u32,
  biasPtr: usize,
  basePtr: usize,
  scale: f32,
): f64 {
  const strideBytes = (<usize>stride) << 2;
  const scales = f32x4.splat(scale);
  const biases = <usize>load<u32>(networkPtr, 32);
  for (let row = <usize>rowBegin; row < <usize>rowEnd; row++) {
    const to = factorsPtr + row * strideBytes;
    let tile = decoderOf(networkPtr) + row * TILE_BYTES;
    for (let first: usize = 0; first < strideBytes; first += TILE_BYTES, tile += tileBytesOf(networkPtr)) {
      memory.copy(to + first, tile, min(TILE_BYTES, strideBytes - first));
    }
    const atEmpty = load<f32>(biases + (row << 2)) + dot(to, emptyPtr, strideBytes);
    store<f32>(biasPtr + (row << 2), load<f32>(basePtr + (row << 2)) + scale * atEmpty);
    for (let o: usize = 0; o < strideBytes; o += 16) v128.store(to + o, f32x4.mul(scales, v128.load(to + o)));
  }
  return 0;
}
