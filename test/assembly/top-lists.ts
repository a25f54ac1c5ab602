import { UNKNOWN_INDEX, type Variant } from "../../src/engine/kernels.js";
import { type ScoreSides, ScoreTables } from "./score-tables.js";

/** What topColumns is asked. */
export interface TopQuery {
  /** A row's number for each list; UNKNOWN_INDEX for an unknown one. */
  list: readonly number[];
  count: number;
  /** In any order; absent: all columns. */
  candidates?: readonly number[] | undefined;
  /** What each row of the list has seen, in any order. */
  seen?: readonly (readonly number[])[] | undefined;
  floor?: number;
  /** Rows of one call; absent: all. */
  rowsPerCall?: number;
}

/** Lists as a kernel leaves them: behind a list, nothing. */
export interface TopLists {
  indices: number[][];
  scores: number[][];
}

/** The bytes that the kernel says it works in. */
export function topWorkspaceBytes(stride: number, numSeen: number | undefined): number {
  const rows = Math.max(6, Math.min(96, stride === 0 ? 96 : Math.floor(16384 / (stride * 4))));
  const maskBytes = numSeen === undefined ? 0 : Math.ceil(numSeen / 32) * 4;
  return rows * (stride * 4 + maskBytes + 16) + 256;
}

/** Sides in memory, and the two ways to the best columns of rows. */
export class TopTables extends ScoreTables {
  readonly numColumns: number;
  readonly #scores = new Map<number, Float32Array>();

  constructor(variant: Variant, sides: ScoreSides, begin?: number) {
    super(variant, sides, begin);
    this.numColumns = sides.columns.factors.length;
  }

  /** Panels of the columns, u32[6] as topColumns takes them. */
  pack(candidates: readonly number[] | undefined, panelsPerCall = Infinity): number {
    const { memory, columns, stride } = this;
    const numColumns = candidates?.length ?? this.numColumns;
    const numPanels = Math.ceil(numColumns / 8);
    const panels = memory.float32(numPanels * 8 * stride);
    const biases = memory.float32(numPanels * 8);
    const bounds = memory.float32(numPanels * 2);
    const numbersPtr = candidates ? memory.uint32(candidates).ptr : 0;
    const shared = [numbersPtr, numColumns, columns.factors.ptr, columns.biases.ptr, stride] as const;
    for (let begin = 0; begin < numPanels; begin += panelsPerCall) {
      const end = Math.min(begin + panelsPerCall, numPanels);
      memory.kernels.packPanels(begin, end, ...shared, panels.ptr, biases.ptr, bounds.ptr);
    }
    return memory.uint32([numPanels, panels.ptr, biases.ptr, numbersPtr, this.numColumns, bounds.ptr]).ptr;
  }

  /** Runs topColumns, its workspace no larger than it has to be. */
  topColumns(query: TopQuery, columnsPtr = this.pack(query.candidates)): TopLists {
    const { list, count, seen, floor = -Infinity, rowsPerCall = list.length } = query;
    const { memory, rows, stride, sides } = this;
    const rowsPtr = memory.uint32([memory.uint32(list).ptr, rows.factors.ptr, rows.biases.ptr]).ptr;
    const seenPtr = seen ? this.#placeSeen(seen) : 0;
    const results = [memory.uint32(list.length * count), memory.float32(list.length * count)] as const;
    const counts = memory.uint32(list.length);
    const resultsPtr = memory.uint32([count, results[0].ptr, results[1].ptr, counts.ptr]).ptr;
    const workspace = memory.float32(topWorkspaceBytes(stride, seen && this.numColumns) / 4);
    for (let begin = 0; begin < list.length; begin += rowsPerCall) {
      const end = Math.min(begin + rowsPerCall, list.length);
      const tables = [rowsPtr, columnsPtr, seenPtr, stride, sides.offset, floor, resultsPtr] as const;
      memory.kernels.topColumns(begin, end, ...tables, workspace.ptr);
    }
    const cut = (view: Uint32Array | Float32Array): number[][] =>
      Array.from(counts.view, (length, row) => [...view.subarray(row * count, row * count + length)]);
    return { indices: cut(results[0].view), scores: cut(results[1].view) };
  }

  /** The same from scoreColumns and selectTop, what may not come made −∞ between them. */
  selectedLists({ list, count, candidates, seen, floor = -Infinity }: TopQuery): TopLists {
    const { memory } = this;
    const [scores, indices, top] = [memory.float32(this.numColumns), memory.uint32(count), memory.float32(count)];
    const allowed = candidates && new Set(candidates);
    const result: TopLists = { indices: [], scores: [] };
    for (const [place, row] of list.entries()) {
      if (!this.#scores.has(row)) this.#scores.set(row, this.scoreColumns(row));
      scores.view.set(this.#scores.get(row)!);
      scores.view.forEach((_, column) => {
        if (allowed && !allowed.has(column)) scores.view[column] = -Infinity;
      });
      for (const column of seen?.[place] ?? []) scores.view[column] = -Infinity;
      const found = memory.kernels.selectTop(this.numColumns, count, floor, scores.ptr, indices.ptr, top.ptr);
      result.indices.push([...indices.view.subarray(0, found)]);
      result.scores.push([...top.view.subarray(0, found)]);
    }
    return result;
  }

  /** u32[2]: offsets and columns. */
  #placeSeen(seen: readonly (readonly number[])[]): number {
    const offsets = [0];
    for (const { length } of seen) offsets.push(offsets.at(-1)! + length);
    return this.memory.uint32([this.memory.uint32(offsets).ptr, this.memory.uint32(seen.flat()).ptr]).ptr;
  }
}

/** A list of `length` rows of a table in no order, with repeats and unknown ones. */
export function mixedList(length: number, numRows: number): number[] {
  return Array.from({ length }, (_, place) => (place % 11 === 5 ? UNKNOWN_INDEX : (place * 17 + 3) % numRows));
}
