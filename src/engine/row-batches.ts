/**
 * Rows of a sparse matrix in batches, the entries of each by column: what the AutoRec kernels go over. Rows have slots in
 * their batch; a column with an entry in a batch is one of its active inputs.
 */
import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { Arena, Scope } from "./arena.js";
import type { TimeSlice } from "./time-slice.js";

/** Words of a batch's descriptor (assembly/linalg/autorec-network.ts). */
const BATCH_WORDS = 10;

/** Columns between two looks at the clock. */
const COLUMNS_PER_LOOK = 256;

export interface RowBatch {
  /** The descriptor's byte address. */
  readonly ptr: number;
  readonly numSlots: number;
  /** The active inputs in half-open ranges of about equal work. */
  readonly activeRanges: readonly (readonly [begin: number, end: number])[];
}

export interface RowBatches {
  readonly batches: readonly RowBatch[];
  readonly mostSlots: number;
  readonly numEntries: number;
}

/** The numbers that entries are given to the network as: input ← value · x + …, by row and by column. */
export interface EntryNumbers {
  /** f32[rows], f32[columns]: what is taken off a value. */
  readonly rowBias: Float32Array;
  readonly columnBias: Float32Array;
  readonly offset: number;
  /** What is left is divided by it. */
  readonly scale: number;
  /** The output is to be (value − lowest) / span − shift; undefined: what the input is. */
  readonly target?: { readonly lowest: number; readonly span: number; readonly shift: number } | undefined;
}

/**
 * @param byColumn the matrix mirrored: its rows are the columns, sorted
 * @param rows the numbers of the rows that take part, in the order in which they are put into batches
 */
export async function placeRowBatches(
  arena: Arena,
  scope: Scope,
  byColumn: SparseMatrix,
  rows: Uint32Array,
  batchSize: number,
  numbers: EntryNumbers,
  slice: TimeSlice,
): Promise<RowBatches> {
  const plan = planBatches(byColumn.numColumns, rows, batchSize);
  const counts = await countBatches(byColumn, plan, slice);
  const places = plan.sizes.map((numSlots, batch) =>
    allocateBatch(scope, { numSlots, numEntries: counts.entries[batch]!, numActive: counts.active[batch]! }, numbers),
  );
  const mostEntries = counts.entries.reduce((most, count) => Math.max(most, count), 0);
  const mostActive = counts.active.reduce((most, count) => Math.max(most, count), 0);
  const deltasPtr = scope.allocate(mostEntries * 4, "any"); // of one batch at a time
  const ratesPtr = scope.allocate(mostActive * 4, "any");
  await fillBatches(arena, byColumn, plan, places, numbers, slice);
  const batches = places.map((place): RowBatch => {
    const words = [place.numSlots, place.numActive, place.activePtr, place.offsetsPtr, place.slotsPtr, place.inputsPtr];
    arena.uint32(place.ptr, BATCH_WORDS).set([...words, place.targetsPtr, deltasPtr, ratesPtr, place.numbersPtr]);
    const offsets = arena.uint32(place.offsetsPtr, place.numActive + 1);
    return { ptr: place.ptr, numSlots: place.numSlots, activeRanges: rangesOf(offsets, place.numSlots) };
  });
  for (const [at, row] of rows.entries()) {
    const { numbersPtr, numSlots } = places[plan.batchOf[row]!]!;
    arena.uint32(numbersPtr, numSlots)[plan.slotOf[row]!] = rows[at]!;
  }
  const numEntries = counts.entries.reduce((sum, count) => sum + count, 0);
  return { batches, mostSlots: Math.max(0, ...plan.sizes), numEntries };
}

/** Entries of a range for each slot: so often, on the average, is a code read that was brought from far away. */
const READS_PER_CODE = 16;
const LEAST_ENTRIES_PER_RANGE = 2048;

/** Active inputs in ranges of so many entries, by where those begin. */
function rangesOf(offsets: Uint32Array, numSlots: number): [begin: number, end: number][] {
  const most = Math.max(LEAST_ENTRIES_PER_RANGE, numSlots * READS_PER_CODE);
  const result: [number, number][] = [];
  let begin = 0;
  for (let at = 1; at < offsets.length; at++) {
    if (at + 1 < offsets.length && offsets[at]! - offsets[begin]! < most) continue;
    result.push([begin, at]);
    begin = at;
  }
  return result;
}

/** Where each row goes. */
interface Plan {
  /** u32[rows], NOWHERE for one that takes no part */
  readonly batchOf: Uint32Array;
  readonly slotOf: Uint32Array;
  readonly sizes: readonly number[];
}

const NOWHERE = 0xffffffff;

/** Batches of sizes that differ by one at most. */
function planBatches(numRows: number, rows: Uint32Array, batchSize: number): Plan {
  const batchOf = new Uint32Array(numRows).fill(NOWHERE);
  const slotOf = new Uint32Array(numRows);
  const numBatches = Math.ceil(rows.length / batchSize);
  const sizes: number[] = [];
  for (let batch = 0; batch < numBatches; batch++) {
    const begin = Math.floor((batch * rows.length) / numBatches);
    const end = Math.floor(((batch + 1) * rows.length) / numBatches);
    for (let at = begin; at < end; at++) {
      batchOf[rows[at]!] = batch;
      slotOf[rows[at]!] = at - begin;
    }
    sizes.push(end - begin);
  }
  return { batchOf, slotOf, sizes };
}

interface Counts {
  readonly entries: Uint32Array;
  readonly active: Uint32Array;
}

async function countBatches(byColumn: SparseMatrix, { batchOf, sizes }: Plan, slice: TimeSlice): Promise<Counts> {
  const { numRows: numColumns, offsets, columns: rows } = byColumn;
  const entries = new Uint32Array(sizes.length);
  const active = new Uint32Array(sizes.length);
  const last = new Uint32Array(sizes.length).fill(NOWHERE);
  for (let column = 0; column < numColumns; column++) {
    const end = offsets[column + 1]!;
    for (let entry = offsets[column]!; entry < end; entry++) {
      const batch = batchOf[rows[entry]!]!;
      if (batch === NOWHERE) continue;
      entries[batch]!++;
      if (last[batch] === column) continue;
      last[batch] = column;
      active[batch]!++;
    }
    if (column % COLUMNS_PER_LOOK === 0 && slice.isOver) await slice.pause();
  }
  return { entries, active };
}

interface Sizes {
  readonly numSlots: number;
  readonly numEntries: number;
  readonly numActive: number;
}

interface Place extends Sizes {
  readonly ptr: number;
  readonly activePtr: number;
  readonly offsetsPtr: number;
  readonly slotsPtr: number;
  readonly inputsPtr: number;
  readonly targetsPtr: number;
  readonly numbersPtr: number;
}

function allocateBatch(scope: Scope, sizes: Sizes, { target }: EntryNumbers): Place {
  const words = (count: number): number => scope.allocate(count * 4, "any");
  const inputsPtr = words(sizes.numEntries);
  return {
    ...sizes,
    ptr: words(BATCH_WORDS),
    activePtr: words(sizes.numActive),
    offsetsPtr: words(sizes.numActive + 1),
    slotsPtr: words(sizes.numEntries),
    inputsPtr,
    targetsPtr: target ? words(sizes.numEntries) : inputsPtr,
    numbersPtr: words(sizes.numSlots),
  };
}

/** Views of one batch's lists, and how far they are filled. */
interface Filling {
  readonly active: Uint32Array;
  readonly offsets: Uint32Array;
  readonly slots: Uint32Array;
  readonly inputs: Float32Array;
  readonly targets: Float32Array | undefined;
}

async function fillBatches(
  arena: Arena,
  byColumn: SparseMatrix,
  { batchOf, slotOf }: Plan,
  places: readonly Place[],
  { rowBias, columnBias, offset, scale, target }: EntryNumbers,
  slice: TimeSlice,
): Promise<void> {
  const { numRows: numColumns, offsets, columns: rows, values } = byColumn;
  const entries = new Uint32Array(places.length);
  const active = new Uint32Array(places.length);
  let lists = places.map((place) => viewsOf(arena, place, target !== undefined));
  for (let column = 0; column < numColumns; column++) {
    const end = offsets[column + 1]!;
    const base = offset + columnBias[column]!;
    for (let entry = offsets[column]!; entry < end; entry++) {
      const row = rows[entry]!;
      const batch = batchOf[row]!;
      if (batch === NOWHERE) continue;
      const list = lists[batch]!;
      const at = entries[batch]!++;
      const before = active[batch]!;
      if (before === 0 || list.active[before - 1] !== column) {
        list.active[before] = column;
        list.offsets[before] = at;
        active[batch] = before + 1;
      }
      list.slots[at] = slotOf[row]!;
      list.inputs[at] = (values[entry]! - base - rowBias[row]!) / scale;
      if (list.targets) list.targets[at] = (values[entry]! - target!.lowest) / target!.span - target!.shift;
    }
    if (column % COLUMNS_PER_LOOK === 0 && slice.isOver) {
      await slice.pause();
      lists = places.map((place) => viewsOf(arena, place, target !== undefined)); // memory may have grown
    }
  }
  for (const [batch, list] of lists.entries()) list.offsets[active[batch]!] = entries[batch]!;
}

function viewsOf(arena: Arena, place: Place, hasTargets: boolean): Filling {
  return {
    active: arena.uint32(place.activePtr, place.numActive),
    offsets: arena.uint32(place.offsetsPtr, place.numActive + 1),
    slots: arena.uint32(place.slotsPtr, place.numEntries),
    inputs: arena.float32(place.inputsPtr, place.numEntries),
    targets: hasTargets ? arena.float32(place.targetsPtr, place.numEntries) : undefined,
  };
}
