import { RandomPurpose, RandomStream } from "../data/random.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { Arena, Scope } from "./arena.js";
import { type ChunkTable, chunkTable } from "./chunks.js";
import type { EntryCounts } from "./entry-counts.js";
import type { Lanes } from "./job.js";
import type { TimeSlice } from "./time-slice.js";

/** Ratings in a block, at least, for a block to be worth a thread's while. */
const RATINGS_PER_BLOCK = 8192;
/** Ratings of a row in a block, on average: fewer, and rows come and go through the cache for little. */
const RATINGS_PER_VISIT = 8;
/** A side of the grid that is never given up for the sake of RATINGS_PER_VISIT. */
const PARALLEL_SIDE = 8;
const LARGEST_SIDE = 32;

/** Rows between two looks at the clock while the grid is filled. */
const ROWS_PER_LOOK = 64;

/**
 * Ratings cut into side × side blocks for stochastic gradient descent. The blocks of stratum s, (b, (b + s) mod side)
 * for every band of rows b, share no row and no column, so they can be worked on at once (Gemulla, Nijkamp, Haas,
 * Sismanis 2011, "Large-scale matrix factorization with distributed stochastic gradient descent"). Each panel of
 * columns is a CSR matrix over all rows; a block is a band of rows of a panel.
 */
export interface RatingGrid {
  readonly side: number;
  /** Chunk s · side + b is the block of stratum s in band b; arguments: rowBegin, rowEnd, offsetsPtr, columnsPtr, valuesPtr. */
  readonly chunks: ChunkTable;
  /** u32[side²], byte address: the order of the chunks in an epoch, written by `orderStrata`. */
  readonly orderPtr: number;
  /** A lane a band and a lane a panel: what a block must not be worked on at the same time as. */
  readonly lanes: Lanes;
}

export interface GridOptions {
  /** A rating r is kept as (r − offset) / scale. */
  offset: number;
  scale: number;
  seed: number;
  slice: TimeSlice;
}

/** The side of the grid: a power of two, by the data's size alone, never by the number of threads. */
export function gridSide(numRows: number, size: number): number {
  const byBlock = Math.sqrt(size / RATINGS_PER_BLOCK);
  const byVisit = Math.max(PARALLEL_SIDE, size / (RATINGS_PER_VISIT * Math.max(1, numRows)));
  const largest = Math.min(byBlock, byVisit, LARGEST_SIDE);
  let side = 1;
  while (side * 2 <= largest) side *= 2;
  return side;
}

/**
 * Cuts [0, counts.length) into `parts` ranges of about equal total count; returns their parts + 1 bounds. With popular
 * rows side by side, as ids by first appearance tend to have them, few popular columns make a panel, or many rare ones:
 * what is met often fits the cache.
 */
export function equalBounds(counts: Uint32Array, parts: number): Uint32Array {
  const bounds = new Uint32Array(parts + 1).fill(counts.length);
  let total = 0;
  for (const count of counts) total += count;
  bounds[0] = 0;
  let part = 1;
  let sum = 0;
  for (let index = 0; index < counts.length && part < parts; index++) {
    sum += counts[index]!;
    while (part < parts && sum * parts >= total * part) bounds[part++] = index + 1;
  }
  return bounds;
}

/** Cuts `matrix` into a grid; a row's entries come in an order shuffled by (seed, row). */
export async function buildRatingGrid(
  arena: Arena,
  scope: Scope,
  matrix: SparseMatrix,
  counts: EntryCounts,
  options: GridOptions,
): Promise<RatingGrid> {
  const side = gridSide(matrix.numRows, matrix.size);
  const panelOf = assignPanels(counts.columns, side);
  const panels = await countPanels(arena, scope, matrix, side, panelOf, options.slice);
  await fillPanels(arena, matrix, panels, panelOf, options);
  const bands = equalBounds(counts.rows, side);
  return { side, orderPtr: scope.allocate(side * side * 4), ...layOutBlocks(arena, scope, panels, bands, side) };
}

/** Writes the order of the next epoch's chunks: the strata shuffled by (seed, epoch). */
export function orderStrata(arena: Arena, grid: RatingGrid, seed: number, epoch: number): void {
  const { side, orderPtr } = grid;
  const strata = Uint32Array.from({ length: side }, (_, stratum) => stratum);
  shuffle(strata, side, new RandomStream(seed, RandomPurpose.strataOrder, epoch));
  const order = arena.uint32(orderPtr, side * side);
  for (let place = 0; place < order.length; place++) {
    order[place] = strata[Math.floor(place / side)]! * side + (place % side);
  }
}

/** Fisher and Yates over the first `length` numbers. */
function shuffle(numbers: Uint32Array, length: number, random: RandomStream): void {
  for (let last = length - 1; last > 0; last--) {
    const other = random.nextBelow(last + 1);
    const held = numbers[last]!;
    numbers[last] = numbers[other]!;
    numbers[other] = held;
  }
}

/** The panel of each column. */
function assignPanels(columnCounts: Uint32Array, side: number): Uint8Array {
  const bounds = equalBounds(columnCounts, side);
  const panelOf = new Uint8Array(columnCounts.length);
  for (let panel = 0; panel < side; panel++) panelOf.fill(panel, bounds[panel]!, bounds[panel + 1]!);
  return panelOf;
}

/** Where the panels lie: per panel the address of its offsets u32[rows + 1], columns u32[] and values f32[]. */
interface Panels {
  offsetsPtr: number[];
  columnsPtr: number[];
  valuesPtr: number[];
}

/** Counts each panel's entries by row, and makes room for them. */
async function countPanels(
  arena: Arena,
  scope: Scope,
  matrix: SparseMatrix,
  side: number,
  panelOf: Uint8Array,
  slice: TimeSlice,
): Promise<Panels> {
  const { numRows, offsets, columns, size } = matrix;
  const panelOffsetsPtr = scope.allocate(side * (numRows + 1) * 4);
  const allColumnsPtr = scope.allocate(size * 4, "any");
  const allValuesPtr = scope.allocate(size * 4, "any");
  const panelOffsets = arena.uint32(panelOffsetsPtr, side * (numRows + 1));
  for (let row = 0; row < numRows; row++) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      panelOffsets[panelOf[columns[entry]!]! * (numRows + 1) + row + 1]!++;
    }
    if (row % ROWS_PER_LOOK === 0 && slice.isOver) await slice.pause();
  }
  const panels: Panels = { offsetsPtr: [], columnsPtr: [], valuesPtr: [] };
  let before = 0;
  for (let panel = 0; panel < side; panel++) {
    const first = panel * (numRows + 1);
    for (let row = 1; row <= numRows; row++) panelOffsets[first + row]! += panelOffsets[first + row - 1]!;
    panels.offsetsPtr.push(panelOffsetsPtr + first * 4);
    panels.columnsPtr.push(allColumnsPtr + before * 4);
    panels.valuesPtr.push(allValuesPtr + before * 4);
    before += panelOffsets[first + numRows]!;
    if (slice.isOver) await slice.pause();
  }
  return panels;
}

/** Copies every rating to its panel, each row's entries in shuffled order. */
async function fillPanels(
  arena: Arena,
  matrix: SparseMatrix,
  panels: Panels,
  panelOf: Uint8Array,
  { offset, scale, seed, slice }: GridOptions,
): Promise<void> {
  const { numRows, offsets, columns, values, size } = matrix;
  const side = panels.offsetsPtr.length;
  const panelOffsets = arena.uint32(panels.offsetsPtr[0]!, side * (numRows + 1));
  const panelBegin = panels.columnsPtr.map((ptr) => (ptr - panels.columnsPtr[0]!) / 4);
  const gridColumns = arena.uint32(panels.columnsPtr[0]!, size);
  const gridValues = arena.float32(panels.valuesPtr[0]!, size);
  const random = new RandomStream(seed, RandomPurpose.shuffle);
  const next = new Uint32Array(side);
  let entries = new Uint32Array(1024);
  for (let row = 0; row < numRows; row++) {
    const begin = offsets[row]!;
    const length = offsets[row + 1]! - begin;
    if (length > entries.length) entries = new Uint32Array(2 * length);
    for (let place = 0; place < length; place++) entries[place] = begin + place;
    random.seek(row);
    shuffle(entries, length, random);
    for (let panel = 0; panel < side; panel++) {
      next[panel] = panelBegin[panel]! + panelOffsets[panel * (numRows + 1) + row]!;
    }
    for (let place = 0; place < length; place++) {
      const entry = entries[place]!;
      const column = columns[entry]!;
      const at = next[panelOf[column]!]!++;
      gridColumns[at] = column;
      gridValues[at] = (values[entry]! - offset) / scale;
    }
    if (row % ROWS_PER_LOOK === 0 && slice.isOver) await slice.pause();
  }
}

/** The arguments of the chunk in a band and a panel. */
function blockArguments(panels: Panels, bands: Uint32Array, band: number, panel: number): number[] {
  const { offsetsPtr, columnsPtr, valuesPtr } = panels;
  return [bands[band]!, bands[band + 1]!, offsetsPtr[panel]!, columnsPtr[panel]!, valuesPtr[panel]!];
}

/** All blocks as chunks, a stratum after the other, and their lanes: their bands, then their panels. */
function layOutBlocks(arena: Arena, scope: Scope, panels: Panels, bands: Uint32Array, side: number) {
  const chunks: number[][] = [];
  const lanesOf: number[] = [];
  for (let stratum = 0; stratum < side; stratum++) {
    for (let band = 0; band < side; band++) {
      const panel = (band + stratum) % side;
      chunks.push(blockArguments(panels, bands, band, panel));
      lanesOf.push(band, side + panel);
    }
  }
  const lanes = { ptr: scope.allocate(lanesOf.length * 4), completedPtr: scope.allocate(side * 8), count: side * 2 };
  arena.uint32(lanes.ptr, lanesOf.length).set(lanesOf);
  return { chunks: chunkTable(arena, scope, chunks), lanes };
}
