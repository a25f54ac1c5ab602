import type { Scope } from "../../src/engine/arena.js";
import { chunkTable, ranges } from "../../src/engine/chunks.js";
import type { Engine } from "../../src/engine/engine.js";
import type { Job } from "../../src/engine/job.js";
import { type KernelName, UNKNOWN_INDEX } from "../../src/engine/kernels.js";

/** An address that the memory does not have. */
export const BEYOND = 2 ** 31;

/** A job of one phase; `shared` are the arguments behind each chunk's own. */
export function jobOf(
  engine: Engine,
  scope: Scope,
  kernel: KernelName,
  chunks: readonly (readonly number[])[],
  shared: readonly number[] = [],
): Job {
  const table = chunkTable(engine.arena, scope, chunks);
  return { variant: "strict", kernel, ...table, sharedArguments: shared, orderPtr: 0, chunksPerPhase: chunks.length };
}

/** What each chunk gave, in chunk order. */
export function resultsOf(engine: Engine, job: Job): number[] {
  return [...engine.arena.float64(job.resultsPtr, job.numChunks)];
}

/** A small job with known results: chunk c counts the first c + 1 numbers, all of them NaN. */
export function countingJob(engine: Engine, scope: Scope, numChunks = 5): Job {
  const ptr = scope.allocate(numChunks * 4);
  engine.arena.float32(ptr, numChunks).fill(Number.NaN);
  const chunks = Array.from({ length: numChunks }, (_, chunk) => [0, chunk + 1]);
  return jobOf(engine, scope, "countBeyond", chunks, [ptr, 1]);
}

export const COUNTED = [1, 2, 3, 4, 5];

/** A job of three chunks, of which the middle one traps. */
export function brokenJob(engine: Engine, scope: Scope): Job {
  return jobOf(
    engine,
    scope,
    "scaleValues",
    [64, BEYOND, 64].map((ptr) => [0, 10, ptr, 1]),
  );
}

/** Runs a job of 100 chunks and aborts it two turns of the event loop later. @returns its outcome, and the chunks done */
export async function runAborted(engine: Engine, scope: Scope): Promise<{ outcome: unknown; done: number }> {
  const job = countingJob(engine, scope, 100);
  const controller = new AbortController();
  setImmediate(() => setImmediate(() => controller.abort("enough")));
  const outcome = await engine.run(job, { signal: controller.signal }).catch((error: unknown) => error);
  return { outcome, done: resultsOf(engine, job).filter((result) => result > 0).length };
}

/**
 * A job of `numPhases` phases over tables T₀, T₁, … of `length` numbers, in which phase s sets T₍ₛ₊₁₎[t] to
 * 1 + Tₛ[t·stride mod length]. If every phase sees all of the one before it, T₍ₛ₎ is s everywhere.
 */
export function relayJob(engine: Engine, scope: Scope, numPhases: number, chunksPerPhase: number, length = 4001) {
  const { arena } = engine;
  const rowsPtr = scope.allocate(length * 4);
  const columnsPtr = scope.allocate(length * 4);
  arena.uint32(rowsPtr, length).set(Uint32Array.from({ length }, (_, t) => (t * 1999) % length)); // from other chunks
  arena.uint32(columnsPtr, length).fill(UNKNOWN_INDEX);
  const tables = Array.from({ length: numPhases + 1 }, () => scope.allocate(length * 4));
  for (const ptr of tables.slice(1)) arena.float32(ptr, length).fill(Number.NaN);
  const size = Math.ceil(length / chunksPerPhase);
  const chunks = tables.slice(1).flatMap((outPtr, phase) =>
    Array.from({ length: chunksPerPhase }, (_, part) => {
      const [begin, end] = [part * size, Math.min((part + 1) * size, length)];
      return [begin, end, rowsPtr, columnsPtr, 0, 0, tables[phase]!, 0, 0, 1, outPtr];
    }),
  );
  const job: Job = { ...jobOf(engine, scope, "scorePairs", chunks), chunksPerPhase };
  return { job, last: () => [...arena.float32(tables.at(-1)!, length)] };
}

const SIDE = 6;
const PHASES = 60;
const CELLS = 500;

/**
 * A grid of bands and panels, as of ratings: in phase n, band b and panel (b + n) mod SIDE meet, and the table of one
 * becomes 1 + that of the other, by turns. Any order but that of the lanes ends in other numbers than are expected.
 * The phases come in an order of their own.
 * @param broken a chunk that traps
 */
export function laneJob(engine: Engine, scope: Scope, broken = -1) {
  const { arena } = engine;
  const chunks: number[][] = [];
  const lanesOf: number[] = [];
  const depths = new Array<number>(2 * SIDE).fill(0);
  const tablePtr = scope.allocate(2 * SIDE * CELLS * 4);
  const [fromPtr, unknownPtr] = [scope.allocate(CELLS * 4), scope.allocate(CELLS * 4)];
  arena.uint32(fromPtr, CELLS).set(Uint32Array.from({ length: CELLS }, (_, cell) => cell));
  arena.uint32(unknownPtr, CELLS).fill(UNKNOWN_INDEX);
  const cellsOf = (lane: number): number => tablePtr + lane * CELLS * 4;
  for (let phase = 0; phase < PHASES; phase++) {
    for (let band = 0; band < SIDE; band++) {
      const panel = SIDE + ((band + phase) % SIDE);
      const [from, to] = phase % 2 ? [panel, band] : [band, panel];
      const out = chunks.length === broken ? BEYOND : cellsOf(to!);
      chunks.push([0, CELLS, fromPtr, unknownPtr, 0, 0, cellsOf(from!), 0, 0, 1, out]);
      lanesOf.push(band, panel);
    }
  }
  const order = Array.from({ length: chunks.length }, (_, position) => {
    return ((Math.floor(position / SIDE) * 11) % PHASES) * SIDE + (position % SIDE);
  });
  const orderPtr = scope.allocate(order.length * 4);
  arena.uint32(orderPtr, order.length).set(order);
  for (const chunk of order) {
    const lane = lanesOf.slice(2 * chunk, 2 * chunk + 2);
    const [from, to] = Math.floor(chunk / SIDE) % 2 ? lane.reverse() : lane;
    depths[to!] = depths[from!]! + 1;
  }
  const lanes = { ptr: scope.allocate(lanesOf.length * 4), completedPtr: scope.allocate(SIDE * 8), count: 2 * SIDE };
  arena.uint32(lanes.ptr, lanesOf.length).set(lanesOf);
  const job: Job = { ...jobOf(engine, scope, "scorePairs", chunks), chunksPerPhase: SIDE, lanes, orderPtr };
  const expected = depths.flatMap((depth) => new Array<number>(CELLS).fill(depth));
  return { job, tables: () => [...arena.float32(tablePtr, 2 * SIDE * CELLS)], expected };
}

/**
 * A job in which every chunk takes long: `pairs` dot products over a megabyte each. `begun` is how many chunks have
 * written their first score, `ended` how many their last.
 */
export function longJob(engine: Engine, scope: Scope, numChunks: number, pairs: number) {
  const { arena } = engine;
  const floats = 2 ** 18;
  const factorsPtr = scope.allocate(floats * 4);
  const biasPtr = scope.allocate(64);
  const indicesPtr = scope.allocate(pairs * 4);
  const scoresPtr = scope.allocate(numChunks * pairs * 4);
  arena.float32(scoresPtr, numChunks * pairs).fill(Number.NaN);
  const chunks = Array.from({ length: numChunks }, (_, chunk) => {
    const outPtr = scoresPtr + chunk * pairs * 4;
    return [0, pairs, indicesPtr, indicesPtr, factorsPtr, factorsPtr, biasPtr, biasPtr, floats, 1, outPtr];
  });
  const written = (place: number): number => {
    const scores = arena.float32(scoresPtr, numChunks * pairs);
    return chunks.filter((_, chunk) => scores[chunk * pairs + place] === 1).length;
  };
  const job = jobOf(engine, scope, "scorePairs", chunks);
  return { job, begun: () => written(0), ended: () => written(pairs - 1) };
}

/** A matrix to be packed by AutoRec's kernel, a few rows a chunk. */
export function tilesOf(engine: Engine, scope: Scope) {
  const { arena } = engine;
  const [numRows, stride] = [50, 32];
  const values = Float32Array.from({ length: numRows * stride }, (_, at) => at);
  const rowsPtr = scope.allocate(values.byteLength);
  const tilesPtr = scope.allocate(values.byteLength);
  arena.float32(rowsPtr, values.length).set(values);
  arena.float32(tilesPtr, values.length).fill(Number.NaN);
  return {
    numRows,
    chunks: ranges(numRows, 3),
    shared: [rowsPtr, stride, tilesPtr, values.byteLength] as const,
    packed: () => arena.float32(tilesPtr, values.length).slice(),
    expected: values, // as wide as a tile, so that its tile is the matrix again
  };
}

/** Waits, a millisecond at a time, until a condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
