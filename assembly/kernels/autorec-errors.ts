import { activate, slope } from "../linalg/activation";
import {
  BLOCK_TILES,
  decoderOf,
  entrySlotsOf,
  inputsOf,
  offsetsOf,
  parametersOf,
  slotsOf,
  TILE_BYTES,
  tileBytesOf,
  tilesOf,
} from "../linalg/autorec-network";
import { multiplyAdd, sumLanesOfFour } from "../linalg/lanes";
import { ADAM, stepAll } from "../linalg/optimizer";

/**
 * The errors of a batch's observed entries, e = f(o + b + w·z) − t, for its active inputs [begin, end): δ = e f' is written,
 * and the input's output bias takes its step. networkPtr, batchPtr: linalg/autorec-network.ts, the codes there ·
 * workspacePtr f32[144]. Returns Σ e².
 */
export function decodeRows(begin: u32, end: u32, networkPtr: usize, batchPtr: usize, workspacePtr: usize): f64 {
  const tiles = tilesOf(networkPtr);
  for (let tile: usize = 0; tile < tiles; tile += BLOCK_TILES) {
    addDots(begin, end, networkPtr, batchPtr, workspacePtr, tile, min(BLOCK_TILES, tiles - tile) * TILE_BYTES);
  }
  let loss: f64 = 0;
  for (let active = begin; active < end; active++) loss += finishInput(active, networkPtr, batchPtr, workspacePtr);
  return loss;
}

/** Adds to every entry's δ, beginning with 0, the share of w·z that one block of tiles has: so the block's codes stay in L2. */
function addDots(
  begin: u32,
  end: u32,
  network: usize,
  batch: usize,
  workspace: usize,
  tile: usize,
  lineBytes: usize,
): void {
  const tileBytes = tileBytesOf(network);
  const rows = decoderOf(network) + tile * tileBytes;
  const codes = <usize>load<u32>(network, 64) + slotsOf(batch) * (tile * TILE_BYTES);
  const offsets = offsetsOf(batch);
  const slots = entrySlotsOf(batch);
  const deltas = <usize>load<u32>(batch, 28);
  const spare = workspace + BLOCK_TILES * TILE_BYTES;
  for (let active = <usize>begin; active < <usize>end; active++) {
    let from = rows + <usize>load<u32>(inputsOf(batch) + (active << 2)) * TILE_BYTES;
    for (let o: usize = 0; o < lineBytes; o += TILE_BYTES, from += tileBytes)
      memory.copy(workspace + o, from, TILE_BYTES);
    const entryEnd = (<usize>load<u32>(offsets + (active << 2), 4)) << 2;
    let at = (<usize>load<u32>(offsets + (active << 2))) << 2;
    for (; at + 16 <= entryEnd; at += 16) {
      const dots = dotsOfFour(workspace, codes, slots + at, lineBytes);
      v128.store(deltas + at, tile === 0 ? dots : f32x4.add(v128.load(deltas + at), dots));
    }
    if (at === entryEnd) continue;
    // the last ones; the rest of the four is the first of them once more
    for (let o: usize = 0; o < 16; o += 4) store<u32>(spare + o, load<u32>(slots + (at + o < entryEnd ? at + o : at)));
    v128.store(spare, dotsOfFour(workspace, codes, spare, lineBytes));
    for (let o: usize = 0; at + o < entryEnd; o += 4) {
      const dot = load<f32>(spare + o);
      store<f32>(deltas + at + o, tile === 0 ? dot : load<f32>(deltas + at + o) + dot);
    }
  }
}

/** From w·z to δ for the entries of one active input, and its output bias's step. Returns Σ e². */
function finishInput(active: u32, network: usize, batch: usize, workspace: usize): f64 {
  const parameters = parametersOf(network);
  const code = load<u32>(network, 80);
  const offsets = offsetsOf(batch) + ((<usize>active) << 2);
  const targets = <usize>load<u32>(batch, 24);
  const deltas = <usize>load<u32>(batch, 28);
  const input = <usize>load<u32>(inputsOf(batch) + ((<usize>active) << 2));
  const bias = f32x4.add(
    v128.load32_splat(parameters, 84),
    v128.load32_splat(<usize>load<u32>(network, 32) + (input << 2)),
  );
  const begin = (<usize>load<u32>(offsets)) << 2;
  const end = (<usize>load<u32>(offsets, 4)) << 2;
  let sums = f32x4.splat(0);
  let loss: f64 = 0;
  for (let at = begin; at < end; at += 16) {
    const left = end - at;
    let dots: v128;
    let wanted: v128;
    if (left >= 16) {
      dots = v128.load(deltas + at);
      wanted = v128.load(targets + at);
    } else {
      memory.copy(workspace, deltas + at, left);
      memory.copy(workspace + 16, targets + at, left);
      dots = v128.load(workspace);
      wanted = v128.load(workspace, 16);
    }
    const y = activate(code, f32x4.add(dots, bias), parameters + 48);
    let errors = f32x4.sub(y, wanted);
    if (left < 16) errors = v128.and(errors, i32x4.gt_s(i32x4.splat(<i32>(left >> 2)), i32x4(0, 1, 2, 3)));
    const delta = f32x4.mul(errors, slope(code, y));
    sums = f32x4.add(sums, delta);
    loss += squares(errors);
    if (left >= 16) v128.store(deltas + at, delta);
    else {
      v128.store(workspace, delta);
      memory.copy(deltas + at, workspace, left);
    }
  }
  stepInput(active, input, sums, (end - begin) >> 2, network, batch, workspace);
  return loss;
}

/** Σ of the squares of four lanes. */
function squares(e: v128): f64 {
  const low = f64x2.promote_low_f32x4(e);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(e, e, 2, 3, 2, 3));
  const both = f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high));
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/** A line's dots with those of four slots; each sum in two chains, even and odd vectors. */
function dotsOfFour(row: usize, codes: usize, slots: usize, rowBytes: usize): v128 {
  const a = codes + <usize>load<u32>(slots) * rowBytes;
  const b = codes + <usize>load<u32>(slots, 4) * rowBytes;
  const c = codes + <usize>load<u32>(slots, 8) * rowBytes;
  const d = codes + <usize>load<u32>(slots, 12) * rowBytes;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let d0 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  for (let o: usize = 0; o < rowBytes; o += 32) {
    const w0 = v128.load(row + o);
    const w1 = v128.load(row + o, 16);
    a0 = multiplyAdd(w0, v128.load(a + o), a0);
    a1 = multiplyAdd(w1, v128.load(a + o, 16), a1);
    b0 = multiplyAdd(w0, v128.load(b + o), b0);
    b1 = multiplyAdd(w1, v128.load(b + o, 16), b1);
    c0 = multiplyAdd(w0, v128.load(c + o), c0);
    c1 = multiplyAdd(w1, v128.load(c + o, 16), c1);
    d0 = multiplyAdd(w0, v128.load(d + o), d0);
    d1 = multiplyAdd(w1, v128.load(d + o, 16), d1);
  }
  return sumLanesOfFour(f32x4.add(a0, a1), f32x4.add(b0, b1), f32x4.add(c0, c1), f32x4.add(d0, d1));
}

/** Steps an input's output bias by the sum of its δ, and sets the rate at which its rows will step. */
function stepInput(
  active: u32,
  input: usize,
  sums: v128,
  numEntries: usize,
  network: usize,
  batch: usize,
  spare: usize,
): void {
  const kind = load<u32>(network, 84);
  const parameters = parametersOf(network);
  let rate = load<f32>(parameters);
  if (kind === ADAM) {
    const powers = <usize>load<u32>(network, 40) + (input << 3);
    const power1 = load<f32>(powers) * load<f32>(parameters, 4);
    const power2 = load<f32>(powers, 4) * load<f32>(parameters, 8);
    store<f32>(powers, power1);
    store<f32>(powers, power2, 4);
    rate *= sqrt<f32>(1 - power2) / (1 - power1);
  }
  store<f32>(<usize>load<u32>(batch, 32) + ((<usize>active) << 2), rate);
  // The bias as the first of four parameters.
  const bias = <usize>load<u32>(network, 32) + (input << 2);
  const state = <usize>load<u32>(network, 36) + (input << 3);
  const pull = load<f32>(<usize>load<u32>(network, 100) + (input << 2));
  const sum = sumLanesOfFour(sums, sums, sums, sums);
  v128.store(spare, v128.load32_zero(bias));
  v128.store(spare, v128.load32_zero(state), 16);
  v128.store(spare, v128.load32_zero(state + 4), 32);
  v128.store(spare, sum, 48);
  stepAll(kind, 16, spare, spare + 16, spare + 32, spare + 48, 1 / <f32>numEntries, pull, rate, parameters);
  store<f32>(bias, load<f32>(spare));
  store<f32>(state, load<f32>(spare, 16));
  store<f32>(state, load<f32>(spare, 32), 4);
}
