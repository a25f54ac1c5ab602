/**
 * What learnTiles is made of, for benches alone: a tile taken only so far. AssemblyScript, compiled by
 * bench/harness/parts.ts.
 */
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
} from "../../assembly/linalg/autorec-network";
import { stepAll } from "../../assembly/linalg/optimizer";
import { gather, scatter } from "../../assembly/linalg/tile-sums";

/** How far a tile is taken beyond D ← Σ δ W, depth 0: each with all that is before it. */
const GATHER_CODES = 1;
const STEP_DECODER = 2;
const TAKE_SLOPES = 3;
const GATHER_ERRORS = 4;

/**
 * Tiles [tileBegin, tileEnd) of learnTiles, taken as far as `depth` says: 0 D ← Σ δ W, 1 Σ δ z, 2 the steps of W, 3 D ∘ g',
 * 4 Σ x D, 5 the steps of V; the step of μ is left out. networkPtr, batchPtr: assembly/linalg/autorec-network.ts.
 */
export function learnUpTo(tileBegin: u32, tileEnd: u32, networkPtr: usize, batchPtr: usize, depth: i32): void {
  for (let tile = <usize>tileBegin; tile < <usize>tileEnd; tile++) {
    const errors = <usize>load<u32>(networkPtr, 52) + tile * codeTileBytesOf(networkPtr);
    memory.fill(errors, 0, slotsOf(batchPtr) * TILE_BYTES);
    learnDecoder(tile, networkPtr, batchPtr, errors, depth);
    if (depth >= TAKE_SLOPES) takeSlopes(tile, networkPtr, batchPtr, errors);
    if (depth >= GATHER_ERRORS) learnEncoder(tile, networkPtr, batchPtr, errors, depth);
  }
}

function learnDecoder(tile: usize, network: usize, batch: usize, errors: usize, depth: i32): void {
  const rows = decoderOf(network) + tile * tileBytesOf(network);
  const codes = <usize>load<u32>(network, 48) + tile * codeTileBytesOf(network);
  const sums = <usize>load<u32>(network, 92) + tile * TILE_BYTES;
  const deltas = <usize>load<u32>(batch, 28);
  const state = <usize>load<u32>(network, 12) + tile * tileBytesOf(network);
  for (let active: usize = 0; active < activeOf(batch); active++) {
    const begin = beginOf(batch, active);
    const end = beginOf(batch, active + 1);
    const place = placeOf(batch, active);
    scatter(rows + place, entrySlotsOf(batch), deltas, begin, end, errors);
    if (depth >= GATHER_CODES) gather(codes, entrySlotsOf(batch), deltas, begin, end, sums);
    if (depth >= STEP_DECODER) step(active, network, batch, rows + place, state + place, sums, load<u32>(network, 44));
  }
}

function takeSlopes(tile: usize, network: usize, batch: usize, errors: usize): void {
  const slopes = <usize>load<u32>(network, 56) + tile * codeTileBytesOf(network);
  const end = slotsOf(batch) * TILE_BYTES;
  for (let at: usize = 0; at < end; at += 16) {
    v128.store(errors + at, f32x4.mul(v128.load(errors + at), v128.load(slopes + at)));
  }
}

function learnEncoder(tile: usize, network: usize, batch: usize, errors: usize, depth: i32): void {
  const rows = encoderOf(network) + tile * tileBytesOf(network);
  const sums = <usize>load<u32>(network, 92) + tile * TILE_BYTES;
  const values = <usize>load<u32>(batch, 20);
  const state = <usize>load<u32>(network, 4) + tile * tileBytesOf(network);
  for (let active: usize = 0; active < activeOf(batch); active++) {
    gather(errors, entrySlotsOf(batch), values, beginOf(batch, active), beginOf(batch, active + 1), sums);
    if (depth <= GATHER_ERRORS) continue;
    const place = placeOf(batch, active);
    step(active, network, batch, rows + place, state + place, sums, load<u32>(network, 96));
  }
}

/** Where the entries of an active input begin, in bytes of a list. */
function beginOf(batch: usize, active: usize): usize {
  return (<usize>load<u32>(offsetsOf(batch) + (active << 2))) << 2;
}

/** Where its row is, in bytes of a tile. */
function placeOf(batch: usize, active: usize): usize {
  return <usize>load<u32>(inputsOf(batch) + (active << 2)) * TILE_BYTES;
}

function step(active: usize, network: usize, batch: usize, row: usize, state: usize, sums: usize, pulls: usize): void {
  const input = <usize>load<u32>(inputsOf(batch) + (active << 2));
  const pull = load<f32>(pulls + (input << 2));
  const rate = load<f32>(<usize>load<u32>(batch, 32) + (active << 2));
  const share: f32 = 1 / <f32>((beginOf(batch, active + 1) - beginOf(batch, active)) >> 2);
  const second = state + <usize>load<u32>(network, 20);
  stepAll(load<u32>(network, 84), TILE_BYTES, row, state, second, sums, share, pull, rate, parametersOf(network));
}
