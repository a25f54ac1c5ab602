/** The codes of a batch, one tile of hidden units. */
import { activate, slope } from "./activation";
import {
  activeOf,
  BLOCK_TILES,
  codeTileBytesOf,
  encoderOf,
  entrySlotsOf,
  inputsOf,
  offsetsOf,
  parametersOf,
  slotsOf,
  TILE_BYTES,
  tileBytesOf,
  tilesOf,
} from "./autorec-network";
import { philox4x32 } from "./random";
import { scatter } from "./tile-sums";

/** Z ← g(μ + Σ x V), with dropout; its slopes beside it, and the codes once more by blocks. */
export function encodeTile(tile: usize, network: usize, batch: usize): void {
  const tileAt = tile * codeTileBytesOf(network);
  const codes = <usize>load<u32>(network, 48) + tileAt;
  const bias = <usize>load<u32>(network, 24) + tile * TILE_BYTES;
  const codeEnd = slotsOf(batch) * TILE_BYTES;
  for (let at: usize = 0; at < codeEnd; at += TILE_BYTES) memory.copy(codes + at, bias, TILE_BYTES);

  const rows = encoderOf(network) + tile * tileBytesOf(network);
  const inputs = inputsOf(batch);
  const offsets = offsetsOf(batch);
  const slots = entrySlotsOf(batch);
  const values = <usize>load<u32>(batch, 20);
  const end = activeOf(batch) << 2;
  for (let a: usize = 0; a < end; a += 4) {
    const begin = (<usize>load<u32>(offsets + a)) << 2;
    const row = rows + <usize>load<u32>(inputs + a) * TILE_BYTES;
    scatter(row, slots, values, begin, (<usize>load<u32>(offsets + a, 4)) << 2, codes);
  }
  activateTile(tile, network, batch, codes, tileAt);
}

function activateTile(tile: usize, network: usize, batch: usize, codes: usize, tileAt: usize): void {
  const slopes = <usize>load<u32>(network, 56) + tileAt;
  const firstTile = tile & ~(BLOCK_TILES - 1);
  const lineBytes = min(BLOCK_TILES, tilesOf(network) - firstTile) * TILE_BYTES;
  const hiddenBytes = (<usize>load<u32>(network, 72)) << 2;
  const code = load<u32>(network, 76);
  const parameters = parametersOf(network);
  const dropped = load<u32>(parameters, 28);
  const numbers = <usize>load<u32>(batch, 36);
  const first = tile * TILE_BYTES; // of the row's bytes
  let line =
    <usize>load<u32>(network, 64) + slotsOf(batch) * (firstTile * TILE_BYTES) + (tile - firstTile) * TILE_BYTES;
  let at: usize = 0;
  for (let slot: usize = 0; slot < slotsOf(batch); slot++, line += lineBytes) {
    for (let o: usize = 0; o < TILE_BYTES; o += 16, at += 16) {
      let z = activate(code, v128.load(codes + at), parameters + 48);
      let s = slope(code, z);
      const kept = hiddenBytes - min(hiddenBytes, first + o);
      if (kept < 16 || dropped !== 0) {
        let mask = laneMask(kept);
        if (dropped !== 0) {
          philox4x32(
            <u32>((first + o) >> 4),
            load<u32>(numbers + (slot << 2)),
            load<u32>(parameters, 40),
            load<u32>(parameters, 44),
            load<u32>(parameters, 32),
            load<u32>(parameters, 36),
            slopes + at,
          );
          const scale = v128.load32_splat(parameters, 24);
          mask = v128.and(mask, i32x4.ge_u(v128.load(slopes + at), i32x4.splat(dropped)));
          z = f32x4.mul(z, scale);
          s = f32x4.mul(s, scale);
        }
        z = v128.and(z, mask);
        s = v128.and(s, mask);
      }
      v128.store(codes + at, z);
      v128.store(slopes + at, s);
      v128.store(line + o, z);
    }
  }
}

/** All bits of the first lanes, so many as fit into `bytes`. */
function laneMask(bytes: usize): v128 {
  return i32x4.gt_s(i32x4.splat(<i32>(min(bytes, 16) >> 2)), i32x4(0, 1, 2, 3));
}
