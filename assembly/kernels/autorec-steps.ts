import {
  activeOf,
  codeTileBytesOf,
  decoderOf,
  encoderOf,
  entrySlotsOf,
  inputsOf,
  offsetsOf,
  parametersOf,
  slotsOf,
  TILE_BYTES,
  tileBytesOf,
  tilesOf,
} from "../linalg/autorec-network";
import { encodeTile } from "../linalg/hidden-tile";
import { stepAll } from "../linalg/optimizer";
import { gather, scatter } from "../linalg/tile-sums";

/**
 * Back through both layers of a batch, for the tiles [tileBegin, tileEnd) of hidden units, whose every number has this one
 * owner: D = g' ∘ Σ δ W; steps of W by Σ δ z, of μ by Σ D, of V by Σ x D, each sum over the observed entries of an input
 * (or of all) divided by their number, and each row of W and V pulled to zero by its λ; then the codes of the next batch.
 * networkPtr, batchPtr, nextBatchPtr (0 for none): linalg/autorec-network.ts. Returns 0.
 */
export function learnTiles(tileBegin: i32, tileEnd: i32, networkPtr: usize, batchPtr: usize, nextBatchPtr: usize): f64 {
  for (let tile = <usize>tileBegin; tile < <usize>tileEnd; tile++) {
    const errors = <usize>load<u32>(networkPtr, 52) + tile * codeTileBytesOf(networkPtr);
    memory.fill(errors, 0, slotsOf(batchPtr) * TILE_BYTES);
    learnDecoder(tile, networkPtr, batchPtr, errors);
    learnHiddenBias(tile, networkPtr, batchPtr, errors);
    learnEncoder(tile, networkPtr, batchPtr, errors);
    if (nextBatchPtr) encodeTile(tile, networkPtr, nextBatchPtr);
  }
  return 0;
}

/** D += δ W before the step, W's step by Σ δ z. */
function learnDecoder(tile: usize, network: usize, batch: usize, errors: usize): void {
  const rows = decoderOf(network) + tile * tileBytesOf(network);
  const codes = <usize>load<u32>(network, 48) + tile * codeTileBytesOf(network);
  const sums = <usize>load<u32>(network, 92) + tile * TILE_BYTES;
  const slots = entrySlotsOf(batch);
  const deltas = <usize>load<u32>(batch, 28);
  const offsets = offsetsOf(batch);
  const last = activeOf(batch) << 2;
  for (let a: usize = 0; a < last; a += 4) {
    const begin = (<usize>load<u32>(offsets + a)) << 2;
    const end = (<usize>load<u32>(offsets + a, 4)) << 2;
    const row = rows + <usize>load<u32>(inputsOf(batch) + a) * TILE_BYTES;
    scatter(row, slots, deltas, begin, end, errors);
    gather(codes, slots, deltas, begin, end, sums);
    stepRow(
      row,
      rows,
      <usize>load<u32>(network, 12) + tile * tileBytesOf(network),
      a,
      end - begin,
      network,
      batch,
      sums,
      load<u32>(network, 44),
    );
  }
}

/** D ∘= g', μ's step by Σ D. */
function learnHiddenBias(tile: usize, network: usize, batch: usize, errors: usize): void {
  const slopes = <usize>load<u32>(network, 56) + tile * codeTileBytesOf(network);
  const sums = <usize>load<u32>(network, 92) + tile * TILE_BYTES;
  const end = slotsOf(batch) * TILE_BYTES;
  for (let o: usize = 0; o < TILE_BYTES; o += 16) {
    let sum = f32x4.splat(0);
    for (let at = o; at < end; at += TILE_BYTES) {
      const d = f32x4.mul(v128.load(errors + at), v128.load(slopes + at));
      v128.store(errors + at, d);
      sum = f32x4.add(sum, d);
    }
    v128.store(sums + o, sum);
  }
  const numEntries = load<u32>(offsetsOf(batch) + (activeOf(batch) << 2));
  const parameters = parametersOf(network);
  const bias = <usize>load<u32>(network, 24) + tile * TILE_BYTES;
  const state = <usize>load<u32>(network, 28) + tile * TILE_BYTES;
  const second = state + tilesOf(network) * TILE_BYTES;
  const share: f32 = 1 / <f32>numEntries;
  const kind = load<u32>(network, 84);
  stepAll(kind, TILE_BYTES, bias, state, second, sums, share, 0, load<f32>(parameters, 20), parameters);
}

/** V's step by Σ x D. */
function learnEncoder(tile: usize, network: usize, batch: usize, errors: usize): void {
  const rows = encoderOf(network) + tile * tileBytesOf(network);
  const sums = <usize>load<u32>(network, 92) + tile * TILE_BYTES;
  const slots = entrySlotsOf(batch);
  const values = <usize>load<u32>(batch, 20);
  const offsets = offsetsOf(batch);
  const last = activeOf(batch) << 2;
  for (let a: usize = 0; a < last; a += 4) {
    const begin = (<usize>load<u32>(offsets + a)) << 2;
    const end = (<usize>load<u32>(offsets + a, 4)) << 2;
    const row = rows + <usize>load<u32>(inputsOf(batch) + a) * TILE_BYTES;
    gather(errors, slots, values, begin, end, sums);
    stepRow(
      row,
      rows,
      <usize>load<u32>(network, 4) + tile * tileBytesOf(network),
      a,
      end - begin,
      network,
      batch,
      sums,
      load<u32>(network, 96),
    );
  }
}

/** The step of one row's tile; its optimiser's state lies as far from `state` as the row from `rows`. */
function stepRow(
  row: usize,
  rows: usize,
  state: usize,
  a: usize,
  entryBytes: usize,
  network: usize,
  batch: usize,
  sums: usize,
  pulls: usize,
): void {
  const input = <usize>load<u32>(inputsOf(batch) + a);
  const pull = load<f32>(pulls + (input << 2));
  const rate = load<f32>(<usize>load<u32>(batch, 32) + a);
  const first = state + (row - rows);
  const second = first + <usize>load<u32>(network, 20);
  const share: f32 = 1 / <f32>(entryBytes >> 2);
  stepAll(load<u32>(network, 84), TILE_BYTES, row, first, second, sums, share, pull, rate, parametersOf(network));
}
