import type { Arena, Scope } from "./arena.js";
import type { Job } from "./job.js";

/** The parts of a job that lie in memory: what each chunk is called with, and where its result goes. */
export type ChunkTable = Pick<
  Job,
  "numChunks" | "chunkArgumentsPtr" | "argumentsPerChunk" | "resultsPtr" | "claimedPtr"
>;

/** Writes a table of chunks: chunk c is called with `chunks[c]`, all of one length. */
export function chunkTable(arena: Arena, scope: Scope, chunks: readonly (readonly number[])[]): ChunkTable {
  const numChunks = chunks.length;
  const argumentsPerChunk = chunks[0]?.length ?? 0;
  const chunkArgumentsPtr = scope.allocate(numChunks * argumentsPerChunk * 8);
  const table = arena.float64(chunkArgumentsPtr, numChunks * argumentsPerChunk);
  for (const [chunk, own] of chunks.entries()) table.set(own, chunk * argumentsPerChunk);
  const resultsPtr = scope.allocate(numChunks * 8);
  return { numChunks, chunkArgumentsPtr, argumentsPerChunk, resultsPtr, claimedPtr: scope.allocate(numChunks * 4) };
}

/** [0, length) in half-open ranges of `size`, the last maybe shorter: the cut depends on the data's size alone. */
export function ranges(length: number, size: number): [begin: number, end: number][] {
  const result: [number, number][] = [];
  for (let begin = 0; begin < length; begin += size) result.push([begin, Math.min(begin + size, length)]);
  return result;
}

/** Entries of one range of rows; a row of more is a range of its own. */
const ENTRIES_PER_RANGE = 4096;
const ROWS_PER_RANGE = 64;

/** Compressed rows in half-open ranges of about equal work, by where rows begin. */
export function rowRanges(offsets: Uint32Array): [begin: number, end: number][] {
  const result: [number, number][] = [];
  for (const [first, last] of ranges(offsets.length - 1, ROWS_PER_RANGE)) {
    let begin = first;
    for (let row = first; row < last; row++) {
      if (row + 1 < last && offsets[row + 2]! - offsets[begin]! <= ENTRIES_PER_RANGE) continue;
      result.push([begin, row + 1]);
      begin = row + 1;
    }
  }
  return result;
}

/** The sum of the chunks' results, in chunk order. */
export function sumResults(arena: Arena, table: ChunkTable): number {
  let sum = 0;
  for (const result of arena.float64(table.resultsPtr, table.numChunks)) sum += result;
  return sum;
}
