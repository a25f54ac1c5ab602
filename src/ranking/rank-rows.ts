/** The best columns for many rows, on the pool: the kernel topColumns, a batch of rows at a time. */
import type { Arena, Scope } from "../engine/arena.js";
import { ranges } from "../engine/chunks.js";
import { whenForgotten } from "../engine/forgotten.js";
import { type JobContext, runRanges } from "../engine/run-ranges.js";
import { type FactorTable, METRIC_CODES } from "./factor-table.js";
import type { ExcludedColumns, RankedRows, SimilarityMetric } from "./scores.js";

/** Columns side by side in a panel (`assembly/linalg/score-tile.ts`). */
const PANEL_COLUMNS = 8;
/** Panels that one chunk packs. */
const PANELS_PER_CHUNK = 64;
/** Rows that one chunk makes ready for similarity. */
const ROWS_PER_CHUNK = 1024;
/** Multiplications of one chunk: some milliseconds. */
const PRODUCTS_PER_CHUNK = 6e7;
/** A chunk's rows are a multiple of it where it can be: the kernel's blocks of rows then come out even. */
const ROWS_UNIT = 60;

/** What is asked of many rows of one table. */
export interface RowsQuery {
  readonly rows: FactorTable;
  readonly columns: FactorTable;
  readonly offset: number;
  /** Scores are similarities by it, of tables without regard to their biases. */
  readonly metric: SimilarityMetric | undefined;
  readonly rowIndices: Uint32Array;
  readonly count: number;
  /** A raw score that all must be above. */
  readonly floor: number;
  readonly candidates: Uint32Array | undefined;
  readonly excluded: ExcludedColumns;
  readonly batchRows: number;
}

/**
 * Raw scores, batch by batch; the columns are packed once. What it borrows is given back when it ends, is left, or is
 * forgotten half-way.
 */
export function rankRows(context: JobContext, query: RowsQuery): AsyncGenerator<RankedRows, void, void> {
  const scope = context.engine.arena.scope();
  const lists = rankInBatches(context, scope, query);
  whenForgotten(lists, () => scope.release());
  return lists;
}

async function* rankInBatches(
  context: JobContext,
  scope: Scope,
  query: RowsQuery,
): AsyncGenerator<RankedRows, void, void> {
  try {
    const { metric, rowIndices, batchRows } = query;
    const { rows, columns } = metric === undefined ? query : await prepareSimilarity(context, scope, metric, query);
    const order = metric === "cosine" ? query.candidates : await promisingOrder(context, scope, rows, columns, query);
    const panels = await packPanels(context, scope, columns, order);
    const width = Math.min(query.count, panels.numColumns);
    for (const [begin, end] of ranges(rowIndices.length, batchRows)) {
      const batch = { ...query, rows, rowIndices: rowIndices.subarray(begin, end) };
      yield await rankBatch(context, batch, panels, width);
    }
  } finally {
    scope.release();
  }
}

/** The tables that make similarity a bilinear score; one where both sides are the same. */
async function prepareSimilarity(
  context: JobContext,
  scope: Scope,
  metric: SimilarityMetric,
  { rows, columns }: Pick<RowsQuery, "rows" | "columns">,
): Promise<{ rows: FactorTable; columns: FactorTable }> {
  const prepare = async ({ factorsPtr, rows: numRows, stride }: FactorTable): Promise<FactorTable> => {
    const biasPtr = scope.allocate(numRows * 4, "any");
    const toPtr = metric === "cosine" ? scope.allocate(numRows * stride * 4, "any") : factorsPtr;
    const shared = [METRIC_CODES[metric], factorsPtr, stride, toPtr, biasPtr];
    await runRanges(context, "similarityRows", ranges(numRows, ROWS_PER_CHUNK), shared);
    return { factorsPtr: toPtr, biasPtr, rows: numRows, stride };
  };
  const prepared = await prepare(columns);
  return { columns: prepared, rows: rows.factorsPtr === columns.factorsPtr ? prepared : await prepare(rows) };
}

/** Columns as topColumns takes them. */
interface Panels {
  readonly numColumns: number;
  /** All columns there are, candidates or not. */
  readonly universe: number;
  readonly stride: number;
  /** u32[6], the kernel's columnsPtr */
  readonly ptr: number;
}

async function packPanels(
  context: JobContext,
  scope: Scope,
  { factorsPtr, biasPtr, rows, stride }: FactorTable,
  order: Uint32Array | undefined,
): Promise<Panels> {
  const { arena } = context.engine;
  const numColumns = order?.length ?? rows;
  const numPanels = Math.ceil(numColumns / PANEL_COLUMNS);
  const panelsPtr = scope.allocate(numPanels * PANEL_COLUMNS * stride * 4, "any");
  const panelBiasPtr = scope.allocate(numPanels * PANEL_COLUMNS * 4, "any");
  const boundsPtr = scope.allocate(numPanels * 8, "any");
  const numbersPtr = order ? placeIndices(arena, scope, order) : 0;
  const shared = [numbersPtr, numColumns, factorsPtr, biasPtr, stride, panelsPtr, panelBiasPtr, boundsPtr];
  await runRanges(context, "packPanels", ranges(numPanels, PANELS_PER_CHUNK), shared);
  const ptr = scope.allocate(24);
  arena.uint32(ptr, 6).set([numPanels, panelsPtr, panelBiasPtr, numbersPtr, rows, boundsPtr]);
  return { numColumns, universe: rows, stride, ptr };
}

/** Steps between the least and the most promising column: finer makes no difference. */
const STEPS = 2 ** 20;

/**
 * The columns in the order of how high a row of middling length can score them, the highest first. Then a row's list is
 * soon full of what scores high, and most panels behind need no look. The order changes nothing else.
 */
async function promisingOrder(
  context: JobContext,
  scope: Scope,
  rows: FactorTable,
  { factorsPtr, biasPtr, rows: numColumns, stride }: FactorTable,
  { rowIndices, candidates }: RowsQuery,
): Promise<Uint32Array> {
  const { arena } = context.engine;
  const halfSquaresPtr = scope.allocate(numColumns * 4, "any");
  const shared = [METRIC_CODES.euclidean, factorsPtr, stride, factorsPtr, halfSquaresPtr];
  await runRanges(context, "similarityRows", ranges(numColumns, ROWS_PER_CHUNK), shared);
  const [biases, halfSquares] = [biasPtr, halfSquaresPtr].map((ptr) => arena.float32(ptr, numColumns));
  const length = middlingLength(arena, rows, rowIndices);
  // −‖q‖²/2 is −∞ for zero rows
  const reach = (column: number) =>
    biases![column]! + (halfSquares![column]! > -Infinity ? length * Math.sqrt(-2 * halfSquares![column]!) : 0);
  const columns = candidates ?? Uint32Array.from({ length: numColumns }, (_, column) => column);
  const reaches = Float64Array.from(columns, reach);
  const [least, most] = reaches.reduce(
    ([low, high], each) => [each > -Infinity ? Math.min(low, each) : low, Math.max(high, each)],
    [Infinity, -Infinity] as [number, number],
  );
  const scale = STEPS / (most - least) || 0;
  const step = (each: number) => Math.min(STEPS, Math.floor((most - each) * scale) || 0);
  // sorted as numbers, step first; a typed array keeps what is behind 2^32
  return new Uint32Array(reaches.map((each, at) => step(each) * 2 ** 32 + columns[at]!).sort());
}

/** Rows that are looked at for how long rows are. */
const SAMPLED_ROWS = 64;

function middlingLength(arena: Arena, { factorsPtr, rows, stride }: FactorTable, rowIndices: Uint32Array): number {
  const every = Math.ceil(rowIndices.length / SAMPLED_ROWS);
  const sampled = rowIndices.filter((row, at) => at % every === 0 && row < rows); // not unknown ones
  const lengths = Array.from(sampled, (row) => Math.hypot(...arena.float32(factorsPtr + row * stride * 4, stride)));
  return lengths.sort((a, b) => a - b)[lengths.length >> 1] ?? 0;
}

function placeIndices(arena: Arena, scope: Scope, indices: Uint32Array): number {
  const ptr = scope.allocate(indices.length * 4, "any");
  arena.uint32(ptr, indices.length).set(indices);
  return ptr;
}

async function rankBatch(
  context: JobContext,
  { rows, rowIndices, offset, floor, excluded }: RowsQuery,
  panels: Panels,
  width: number,
): Promise<RankedRows> {
  const { arena } = context.engine;
  const numRows = rowIndices.length;
  const scope = arena.scope();
  try {
    const rowsPtr = scope.allocate(12);
    arena.uint32(rowsPtr, 3).set([placeIndices(arena, scope, rowIndices), rows.factorsPtr, rows.biasPtr]);
    const seenPtr = excluded ? placeExcluded(arena, scope, rowIndices, excluded) : 0;
    const indicesPtr = scope.allocate(numRows * width * 4, "any");
    const scoresPtr = scope.allocate(numRows * width * 4, "any");
    const countsPtr = scope.allocate(numRows * 4);
    const resultsPtr = scope.allocate(16);
    arena.uint32(resultsPtr, 4).set([width, indicesPtr, scoresPtr, countsPtr]);
    if (width > 0) {
      const chunks = ranges(numRows, rowsPerChunk(panels));
      const shared = [rowsPtr, panels.ptr, seenPtr, rows.stride, offset, floor, resultsPtr];
      await runRanges(context, "topColumns", chunks, shared, workspaceBytes(panels, seenPtr !== 0));
    }
    return {
      width,
      indices: arena.uint32(indicesPtr, numRows * width).slice(),
      scores: arena.float32(scoresPtr, numRows * width).slice(),
      counts: arena.uint32(countsPtr, numRows).slice(),
    };
  } finally {
    scope.release();
  }
}

/** u32[2] for the kernel's seenPtr: where offsets and columns lie. */
function placeExcluded(
  arena: Arena,
  scope: Scope,
  rowIndices: Uint32Array,
  excluded: NonNullable<ExcludedColumns>,
): number {
  const offsetsPtr = scope.allocate((rowIndices.length + 1) * 4);
  const offsets = new Uint32Array(rowIndices.length + 1);
  let total = 0;
  for (const [at, row] of rowIndices.entries()) {
    total += excluded === "self" ? 1 : excluded.offsets[row + 1]! - excluded.offsets[row]!;
    offsets[at + 1] = total;
  }
  const columnsPtr = scope.allocate(total * 4, "any");
  arena.uint32(offsetsPtr, offsets.length).set(offsets);
  const columns = arena.uint32(columnsPtr, total);
  if (excluded === "self") columns.set(rowIndices);
  else {
    for (const [begin, end] of consecutive(rowIndices)) {
      const from = excluded.offsets[rowIndices[begin]!];
      columns.set(excluded.columns.subarray(from, excluded.offsets[rowIndices[end - 1]! + 1]), offsets[begin]);
    }
  }
  const ptr = scope.allocate(8);
  arena.uint32(ptr, 2).set([offsetsPtr, columnsPtr]);
  return ptr;
}

/** Ranges of places in which the numbers rise by one: rows that lie side by side. */
function* consecutive(numbers: Uint32Array): Generator<[begin: number, end: number], void, void> {
  let begin = 0;
  for (let end = 1; end <= numbers.length; end++) {
    if (end < numbers.length && numbers[end] === numbers[end - 1]! + 1) continue;
    yield [begin, end];
    begin = end;
  }
}

/** By the data's size alone. */
function rowsPerChunk({ numColumns, stride }: Panels): number {
  const rows = Math.floor(PRODUCTS_PER_CHUNK / (numColumns * Math.max(8, stride)));
  return rows >= ROWS_UNIT ? Math.min(Math.floor(rows / ROWS_UNIT), 16) * ROWS_UNIT : Math.max(6, rows - (rows % 30));
}

/** As the kernel's docstring has it. */
function workspaceBytes({ stride, universe }: Panels, masked: boolean): number {
  const strideBytes = stride * 4;
  const rows = Math.max(6, Math.min(96, Math.floor(16384 / Math.max(1, strideBytes))));
  return rows * (strideBytes + (masked ? Math.ceil(universe / 32) * 4 : 0) + 16) + 256;
}
