import { RandomPurpose, RandomStream } from "../data/random.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { Arena, Scope } from "./arena.js";
import { type ChunkTable, chunkTable, ranges } from "./chunks.js";
import { DESCENT_KERNELS } from "./descent-kernels.js";
import type { EntryCounts } from "./entry-counts.js";
import type { Lanes } from "./job.js";
import { type JobContext, runRanges } from "./run-ranges.js";
import type { TimeSlice } from "./time-slice.js";

/** Ratings in a block, at least, for a block to be worth a thread's while. */
const RATINGS_PER_BLOCK = 8192;
/**
 * Ratings of a row in a block, on average: fewer, and rows come and go through the cache for little; more, and an epoch
 * mixes its ratings less and learns less from them.
 */
const RATINGS_PER_VISIT = 8;
/** A side of the grid that is never given up for the sake of RATINGS_PER_VISIT. */
const PARALLEL_SIDE = 8;
const LARGEST_SIDE = 32;

/** Ratings copied between two looks at the clock: about half a millisecond. */
const RATINGS_PER_COPY = 2 ** 19;

/**
 * Ratings cut into side × side blocks for stochastic gradient descent. The blocks of stratum s, (b, (b + s) mod side)
 * for every band of rows b, share no row and no column, so they can be worked on at once (Gemulla, Nijkamp, Haas,
 * Sismanis 2011, "Large-scale matrix factorization with distributed stochastic gradient descent"). A block is a CSR matrix
 * of its own; those of a band of rows lie side by side, where the band's ratings lay in the whole matrix.
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

/** Cuts `matrix` into a grid, in the pool; a row's entries come in an order shuffled by (seed, row). */
export async function buildRatingGrid(
  context: JobContext & { readonly scope: Scope },
  matrix: SparseMatrix,
  counts: EntryCounts,
  options: GridOptions,
): Promise<RatingGrid> {
  const { engine, scope } = context;
  const { arena } = engine;
  const side = gridSide(matrix.numRows, matrix.size);
  const bounds = { rows: equalBounds(counts.rows, side), columns: equalBounds(counts.columns, side) };
  const blocks: Blocks = {
    side,
    bands: bounds.rows,
    offsetsPtr: scope.allocate(side * (matrix.numRows + side) * 4, "any"),
    columnsPtr: scope.allocate(matrix.size * 4, "any"),
    valuesPtr: scope.allocate(matrix.size * 4, "any"),
  };
  await copyInSlices(matrix.columns, arena, blocks.columnsPtr, options.slice);
  await copyInSlices(matrix.values, arena, blocks.valuesPtr, options.slice);
  const ownScope = arena.scope();
  try {
    await cutBands({ ...context, scope: ownScope }, matrix, blocks, bounds.columns, options);
  } finally {
    ownScope.release();
  }
  return { side, orderPtr: scope.allocate(side * side * 4), ...layOutBlocks(arena, scope, blocks) };
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

/** Where the blocks lie. */
interface Blocks {
  readonly side: number;
  /** u32[side + 1]: where each band of rows begins. */
  readonly bands: Uint32Array;
  /** u32[], by band, then by panel, then by row of the band, and one more for the end of its last. */
  readonly offsetsPtr: number;
  /** u32[ratings] and f32[ratings], by band, then by panel, then by row. */
  readonly columnsPtr: number;
  readonly valuesPtr: number;
}

/** The address of a block's offsets. */
function blockOffsetsPtr({ side, bands, offsetsPtr }: Blocks, band: number, panel: number): number {
  const begin = bands[band]!;
  const rows = bands[band + 1]! - begin;
  return offsetsPtr + 4 * (side * (begin + band) + panel * (rows + 1));
}

async function copyInSlices(
  from: Uint32Array | Float32Array,
  arena: Arena,
  ptr: number,
  slice: TimeSlice,
): Promise<void> {
  const words = new Uint32Array(from.buffer, from.byteOffset, from.length); // bits, also those of numbers
  for (const [begin, end] of ranges(words.length, RATINGS_PER_COPY)) {
    arena.uint32(ptr + begin * 4, end - begin).set(words.subarray(begin, end));
    if (slice.isOver) await slice.pause();
  }
}

/** Bytes that `cutBand` works in: four Philox blocks, a copy of the band, and a cursor for each panel. */
export const cutBandBytes = (numPanels: number, bandSize: number): number => 64 + bandSize * 8 + numPanels * 4;

/** Sorts the ratings, copied to the blocks' place, into blocks. */
async function cutBands(
  context: JobContext & { readonly scope: Scope },
  { numRows, numColumns, offsets }: SparseMatrix,
  blocks: Blocks,
  panels: Uint32Array,
  { offset, scale, seed }: GridOptions,
): Promise<void> {
  const { engine, scope } = context;
  const { arena } = engine;
  const { side, bands, columnsPtr, valuesPtr } = blocks;
  const rowOffsetsPtr = scope.allocate((numRows + 1) * 4, "any");
  arena.uint32(rowOffsetsPtr, numRows + 1).set(offsets);
  const panelOfPtr = scope.allocate(numColumns, "any");
  const panelOf = new Uint8Array(arena.memory.buffer, panelOfPtr, numColumns);
  for (let panel = 0; panel < side; panel++) panelOf.fill(panel, panels[panel]!, panels[panel + 1]!);
  const chunks = Array.from({ length: side }, (_, band) => [
    bands[band]!,
    bands[band + 1]!,
    blockOffsetsPtr(blocks, band, 0),
  ]);
  const bandSizes = chunks.map(([begin, end]) => offsets[end!]! - offsets[begin!]!);
  const seedWords = [seed >>> 0, Math.floor(seed / 2 ** 32), RandomPurpose.shuffle];
  await runRanges(
    { ...context, family: DESCENT_KERNELS },
    "cutBand",
    chunks,
    [rowOffsetsPtr, columnsPtr, valuesPtr, panelOfPtr, side, offset, scale, ...seedWords],
    cutBandBytes(side, Math.max(...bandSizes)),
  );
}

/** All blocks as chunks, a stratum after the other, and their lanes: their bands, then their panels. */
function layOutBlocks(arena: Arena, scope: Scope, blocks: Blocks) {
  const { side, bands, columnsPtr, valuesPtr } = blocks;
  const chunks: number[][] = [];
  const lanesOf: number[] = [];
  for (let stratum = 0; stratum < side; stratum++) {
    for (let band = 0; band < side; band++) {
      const panel = (band + stratum) % side;
      const begin = bands[band]!;
      // Kernels count rows from the matrix's first: what lies before the block's own offsets is not read.
      const offsetsPtr = blockOffsetsPtr(blocks, band, panel) - 4 * begin;
      chunks.push([begin, bands[band + 1]!, offsetsPtr, columnsPtr, valuesPtr]);
      lanesOf.push(band, side + panel);
    }
  }
  const lanes = { ptr: scope.allocate(lanesOf.length * 4), completedPtr: scope.allocate(side * 8), count: side * 2 };
  arena.uint32(lanes.ptr, lanesOf.length).set(lanesOf);
  return { chunks: chunkTable(arena, scope, chunks), lanes };
}
