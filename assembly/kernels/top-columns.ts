import { UNKNOWN } from "../linalg/bilinear";
import { PACK_ROWS, PANEL_COLUMNS, scoreTile } from "../linalg/score-tile";
import { pushTop, replaceTop, sortTop } from "../linalg/top-heap";

/**
 * Columns in the order of scoring, for topColumns: panels [begin, end) of eight columns, factor by factor.
 * columnsPtr u32[numColumns], or 0 for 0, 1, 2, … · factorsPtr f32[× stride], biasPtr f32[] · panelsPtr
 * f32[panels × stride × 8], panelBiasPtr f32[panels × 8], written: 0 and −∞ behind the last column · boundsPtr
 * f32[panels × 2], written: no less than the length and the bias of any column of the panel. Returns 0.
 */
export function packPanels(
  begin: u32,
  end: u32,
  columnsPtr: usize,
  numColumns: u32,
  factorsPtr: usize,
  biasPtr: usize,
  stride: i32,
  panelsPtr: usize,
  panelBiasPtr: usize,
  boundsPtr: usize,
): f64 {
  const depth = <usize>stride;
  for (let panel = begin; panel < end; panel++) {
    const panelPtr = panelsPtr + ((<usize>panel * depth) << 5);
    let mostSquares: f64 = 0;
    let mostBias: f64 = f64.NEGATIVE_INFINITY;
    for (let lane: u32 = 0; lane < PANEL_COLUMNS; lane++) {
      const position = panel * PANEL_COLUMNS + lane;
      const isColumn = position < numColumns;
      const column = isColumn && columnsPtr ? load<u32>(columnsPtr + ((<usize>position) << 2)) : position;
      const bias = isColumn ? load<f32>(biasPtr + ((<usize>column) << 2)) : f32.NEGATIVE_INFINITY;
      store<f32>(panelBiasPtr + ((<usize>position) << 2), bias);
      const from = factorsPtr + ((<usize>column * depth) << 2);
      const to = panelPtr + ((<usize>lane) << 2);
      let squares: f64 = 0;
      for (let f: usize = 0; f < depth; f++) {
        const factor: f32 = isColumn ? load<f32>(from + (f << 2)) : 0;
        store<f32>(to + (f << 5), factor);
        squares += <f64>factor * <f64>factor;
      }
      if (squares > mostSquares) mostSquares = squares; // a NaN is not
      if (<f64>bias > mostBias) mostBias = <f64>bias;
    }
    const boundPtr = boundsPtr + ((<usize>panel) << 3);
    store<f32>(boundPtr, <f32>(sqrt(mostSquares) * (1 + SLACK)));
    store<f32>(boundPtr, <f32>(mostBias + abs(mostBias) * SLACK), 4);
  }
  return 0;
}

/** Bounds are this share larger than they must be, more than sums in single precision can be off. */
const SLACK: f64 = 1e-6;

/** Bytes of packs that stay in the first-level cache beside a panel; a block has as many rows as fit, at most MOST_ROWS. */
const PACKS_BYTES: usize = 16384;
const MOST_ROWS: usize = 96;

/**
 * The best columns for rows [rowBegin, rowEnd) of a list: scored by linalg/score-tile.ts, what the row has seen left out,
 * as selectTop would choose from scoreColumns, to the last bit, whatever the order of the columns. A panel is not scored
 * for rows that none of its columns can get into the lists of: p·q ≤ ‖p‖ ‖q‖ (Cauchy, Schwarz). So what scores high should
 * come first.
 *
 * rowsPtr u32[3]: the addresses of the rows' numbers u32[list] (UNKNOWN: bias 0, factors 0), f32[× stride], b_row f32[]
 * columnsPtr u32[6]: numPanels, panels and their biases as packPanels makes them, the columns' numbers u32[numColumns] or
 *   0, how many columns there are that a row can have seen, and the panels' bounds
 * seenPtr u32[2]: offsets u32[list + 1] and columns u32[] of what each row of the list has seen, in any order; 0: nothing
 * floor: only scores above it count
 * resultsPtr u32[4]: count ≥ 1, and where to write indices u32[list × count], scores f32[list × count], counts u32[list]
 * workspacePtr: R (strideBytes + ⌈seen columns/32⌉·4 + 16) + 256 bytes, R = max(6, min(96, 16384 / strideBytes)).
 * Returns 0.
 */
export function topColumns(
  rowBegin: u32,
  rowEnd: u32,
  rowsPtr: usize,
  columnsPtr: usize,
  seenPtr: usize,
  stride: i32,
  offset: f32,
  floor: f32,
  resultsPtr: usize,
  workspacePtr: usize,
): f64 {
  const depth = <usize>stride;
  const numPanels = load<u32>(columnsPtr);
  const panels = <usize>load<u32>(columnsPtr, 4);
  const panelBiases = <usize>load<u32>(columnsPtr, 8);
  const bounds = <usize>load<u32>(columnsPtr, 20);
  const fitting = depth ? PACKS_BYTES / (depth << 2) : MOST_ROWS;
  const packsPerBlock = max<u32>(1, <u32>min(fitting, MOST_ROWS) / PACK_ROWS);
  const blockRows = packsPerBlock * PACK_ROWS;
  const tile = workspacePtr;
  const biases = tile + 192;
  const thresholds = biases + ((<usize>blockRows) << 2);
  const lengths = thresholds + ((<usize>blockRows) << 2);
  const bases = lengths + ((<usize>blockRows) << 2);
  const packs = (bases + ((<usize>blockRows) << 2) + 15) & ~15;
  const maskBytes = seenPtr ? ((<usize>load<u32>(columnsPtr, 16) + 31) >> 5) << 2 : 0;
  const masks = packs + ((<usize>blockRows * depth) << 2);
  for (let begin = rowBegin; begin < rowEnd; begin += blockRows) {
    const end = min(begin + blockRows, rowEnd);
    const usedPacks = (end - begin + PACK_ROWS - 1) / PACK_ROWS;
    packRows(begin, end, usedPacks * PACK_ROWS, rowsPtr, depth, floor, biases, thresholds, packs);
    boundRows(usedPacks * PACK_ROWS, depth, offset, biases, packs, lengths, bases);
    if (seenPtr) markSeen(begin, end, seenPtr, maskBytes, masks);
    for (let row = begin; row < end; row++) store<u32>(load<u32>(resultsPtr, 12) + ((<usize>row) << 2), 0);
    for (let panel: u32 = 0; panel < numPanels; panel++) {
      const panelPtr = panels + ((<usize>panel * depth) << 5);
      const columnBiases = panelBiases + ((<usize>panel) << 5);
      const mostLength = v128.load32_splat(bounds + ((<usize>panel) << 3));
      const mostBias = v128.load32_splat(bounds + ((<usize>panel) << 3), 4);
      for (let pack: u32 = 0; pack < usedPacks; pack++) {
        const at = (<usize>(pack * PACK_ROWS)) << 2;
        if (!canReach(lengths + at, bases + at, thresholds + at, mostLength, mostBias)) continue;
        const packPtr = packs + at * depth;
        let rows = scoreTile(packPtr, panelPtr, depth, offset, biases + at, columnBiases, thresholds + at, tile);
        for (; rows; rows &= rows - 1) {
          const lane = <u32>ctz(rows);
          const place = pack * PACK_ROWS + lane;
          const mask = seenPtr ? masks + <usize>place * maskBytes : 0;
          const scores = tile + ((<usize>lane) << 5);
          const thresholdPtr = thresholds + ((<usize>place) << 2);
          offerScores(begin + place, panel, scores, thresholdPtr, columnsPtr, mask, floor, resultsPtr);
        }
      }
    }
    for (let row = begin; row < end; row++) finishRow(row, resultsPtr);
  }
  return 0;
}

/** Rows factor by factor, six (or five) side by side; what fills the last pack up scores nothing. */
function packRows(
  begin: u32,
  end: u32,
  places: u32,
  rowsPtr: usize,
  depth: usize,
  floor: f32,
  biases: usize,
  thresholds: usize,
  packs: usize,
): void {
  const numbers = load<u32>(rowsPtr);
  const factors = load<u32>(rowsPtr, 4);
  const rowBiases = load<u32>(rowsPtr, 8);
  for (let place: u32 = 0; place < places; place++) {
    const isRow = begin + place < end;
    const row = isRow ? load<u32>(numbers + ((<usize>(begin + place)) << 2)) : UNKNOWN;
    const isKnown = row !== UNKNOWN;
    store<f32>(biases + ((<usize>place) << 2), isKnown ? load<f32>(rowBiases + ((<usize>row) << 2)) : 0);
    store<f32>(thresholds + ((<usize>place) << 2), isRow ? floor : f32.POSITIVE_INFINITY);
    const pack = place / PACK_ROWS;
    const to = packs + ((<usize>(pack * PACK_ROWS) * depth + <usize>(place - pack * PACK_ROWS)) << 2);
    const from = factors + ((<usize>row * depth) << 2);
    for (let f: usize = 0; f < depth; f++) {
      store<f32>(to + f * (PACK_ROWS << 2), isKnown ? load<f32>(from + (f << 2)) : 0);
    }
  }
}

/** What each row's scores cannot be above: its base + its length × a column's + that one's bias. */
function boundRows(
  places: u32,
  depth: usize,
  offset: f32,
  biases: usize,
  packs: usize,
  lengths: usize,
  bases: usize,
): void {
  const slack = 10 * SLACK + <f64>depth * 1.2e-7; // a sum of `depth` products is off by at most 6e-8 × depth × ‖p‖ ‖q‖
  for (let place: u32 = 0; place < places; place++) {
    const pack = place / PACK_ROWS;
    const from = packs + ((<usize>(pack * PACK_ROWS) * depth + <usize>(place - pack * PACK_ROWS)) << 2);
    let squares: f64 = 0;
    for (let f: usize = 0; f < depth; f++) {
      const factor = <f64>load<f32>(from + f * (PACK_ROWS << 2));
      squares += factor * factor;
    }
    const bias = <f64>load<f32>(biases + ((<usize>place) << 2));
    const base = <f64>offset + bias + SLACK * (abs(<f64>offset) + abs(bias));
    store<f32>(lengths + ((<usize>place) << 2), <f32>(sqrt(squares) * (1 + slack)));
    store<f32>(bases + ((<usize>place) << 2), <f32>(base + LEAST));
  }
}

/** More than products that are too small for a normal number can be off. */
const LEAST: f64 = 1e-36;

/** Whether a column of a panel can be above the threshold of a row of a pack. The last four of its rows overlap the first. */
function canReach(lengths: usize, bases: usize, thresholds: usize, mostLength: v128, mostBias: v128): bool {
  const last = (<usize>PACK_ROWS - 4) << 2;
  const first = f32x4.add(v128.load(bases), f32x4.add(mostBias, f32x4.mul(v128.load(lengths), mostLength)));
  const others = f32x4.mul(v128.load(lengths + last), mostLength);
  const second = f32x4.add(v128.load(bases + last), f32x4.add(mostBias, others));
  const above = f32x4.gt(first, v128.load(thresholds));
  return v128.any_true(v128.or(above, f32x4.gt(second, v128.load(thresholds + last))));
}

/** A bit for every column that a row has seen. */
function markSeen(begin: u32, end: u32, seenPtr: usize, maskBytes: usize, masks: usize): void {
  const offsets = load<u32>(seenPtr);
  const columns = load<u32>(seenPtr, 4);
  memory.fill(masks, 0, <usize>(end - begin) * maskBytes);
  for (let row = begin; row < end; row++) {
    const mask = masks + <usize>(row - begin) * maskBytes;
    const last = load<u32>(offsets + ((<usize>row) << 2), 4);
    for (let at = load<u32>(offsets + ((<usize>row) << 2)); at < last; at++) {
      const column = load<u32>(columns + ((<usize>at) << 2));
      const word = mask + ((<usize>(column >> 5)) << 2);
      store<u32>(word, load<u32>(word) | (1 << (column & 31)));
    }
  }
}

/** Offers a panel's eight scores to a row's heap, those seen left out, and moves the row's threshold. */
function offerScores(
  row: u32,
  panel: u32,
  scores: usize,
  thresholdPtr: usize,
  columnsPtr: usize,
  mask: usize,
  floor: f32,
  resultsPtr: usize,
): void {
  const numbers = load<u32>(columnsPtr, 12);
  const count = load<u32>(resultsPtr);
  const start = (<usize>row * <usize>count) << 2;
  const indices = load<u32>(resultsPtr, 4) + start;
  const topScores = load<u32>(resultsPtr, 8) + start;
  const heldPtr = load<u32>(resultsPtr, 12) + ((<usize>row) << 2);
  let held = load<u32>(heldPtr);
  let threshold = load<f32>(thresholdPtr);
  const before = f32x4.splat(threshold);
  const low = <u32>i32x4.bitmask(f32x4.gt(v128.load(scores), before));
  const high = <u32>i32x4.bitmask(f32x4.gt(v128.load(scores, 16), before));
  for (let lanes = low | (high << 4); lanes; lanes &= lanes - 1) {
    const lane = <u32>ctz(lanes);
    const score = load<f32>(scores + ((<usize>lane) << 2));
    if (!(score > threshold)) continue; // it may have risen since
    const position = panel * PANEL_COLUMNS + lane;
    const column = numbers ? load<u32>(numbers + ((<usize>position) << 2)) : position;
    if (held === count && score === load<f32>(topScores) && column > load<u32>(indices)) continue;
    if (mask && load<u32>(mask + ((<usize>(column >> 5)) << 2)) & (1 << (column & 31))) continue;
    if (held < count) pushTop(held++, column, score, indices, topScores);
    else replaceTop(held, column, score, indices, topScores);
    threshold = held === count ? below(load<f32>(topScores)) : floor;
  }
  store<u32>(heldPtr, held);
  store<f32>(thresholdPtr, threshold);
}

/** The next number below: of equal scores one of a lower column may come later. */
function below(score: f32): f32 {
  const bits = reinterpret<i32>(score);
  if (score === 0) return reinterpret<f32>(0x80000001);
  return reinterpret<f32>(bits > 0 ? bits - 1 : bits + 1);
}

function finishRow(row: u32, resultsPtr: usize): void {
  const start = (<usize>row * <usize>load<u32>(resultsPtr)) << 2;
  const held = load<u32>(load<u32>(resultsPtr, 12) + ((<usize>row) << 2));
  sortTop(held, load<u32>(resultsPtr, 4) + start, load<u32>(resultsPtr, 8) + start);
}
