import { describe, expect, test } from "vitest";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { Arena } from "../../src/engine/arena.js";
import { type EntryNumbers, placeRowBatches } from "../../src/engine/row-batches.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import { randomOf } from "../assembly/rating-pass.js";

/** A batch as a plain object. */
interface Batch {
  readonly numSlots: number;
  readonly active: number[];
  readonly offsets: number[];
  readonly slots: number[];
  readonly inputs: number[];
  readonly targets: number[];
  readonly numbers: number[];
}

const newArena = (): Arena => new Arena(new WebAssembly.Memory({ initial: 1, maximum: 1024, shared: true }), 2 ** 26);

/** A matrix of whole numbers by columns: `rows` of the autoencoder are its columns. */
function randomMatrix(numColumns: number, numRows: number, share: number): SparseMatrix {
  const random = randomOf(100 * numColumns + numRows);
  const pairs = Array.from({ length: numColumns * numRows }, (_, at) => [Math.floor(at / numRows), at % numRows]);
  const kept = pairs.filter(([column, row]) => column !== 2 && row !== 4 && random.nextUniform() < share);
  const [columns, rows] = [0, 1].map((side) => Uint32Array.from(kept, (pair) => pair[side]!));
  return SparseMatrix.fromTriples(
    numColumns,
    numRows,
    columns!,
    rows!,
    Float32Array.from(kept, (_, at) => at + 1),
  );
}

function numbersFor({ numRows: numColumns, numColumns: numRows }: SparseMatrix): EntryNumbers {
  return {
    rowBias: Float32Array.from({ length: numRows }, (_, row) => row / 8),
    columnBias: Float32Array.from({ length: numColumns }, (_, column) => column / 4),
    offset: 3,
    scale: 2,
  };
}

const TARGET = { lowest: 1, span: 4, shift: 0.5 };

/** The plain construction: rows in their order, cut into batches of equal sizes but for one; entries by column. */
function plainBatches(byColumn: SparseMatrix, rows: readonly number[], batchSize: number, numbers: EntryNumbers) {
  const { rowBias, columnBias, offset, scale, target } = numbers;
  const numBatches = Math.ceil(rows.length / batchSize);
  return Array.from({ length: numBatches }, (_, at): Batch => {
    const begin = Math.floor((at * rows.length) / numBatches);
    const own = rows.slice(begin, Math.floor(((at + 1) * rows.length) / numBatches));
    const entries = Array.from({ length: byColumn.numRows }, (_, column) => {
      const places = Array.from({ length: byColumn.offsets[column + 1]! - byColumn.offsets[column]! }, (_, place) => {
        const entry = byColumn.offsets[column]! + place;
        return { column, row: byColumn.columns[entry]!, value: byColumn.values[entry]! };
      });
      return places.filter(({ row }) => own.includes(row));
    }).filter((list) => list.length > 0);
    const all = entries.flat();
    const given = ({ column, row, value }: (typeof all)[number]): number =>
      (value - offset - columnBias[column]! - rowBias[row]!) / scale;
    const wanted = ({ value }: { value: number }): number => (value - target!.lowest) / target!.span - target!.shift;
    return {
      numSlots: own.length,
      active: entries.map((list) => list[0]!.column),
      offsets: [0, ...entries.map((_, last) => entries.slice(0, last + 1).flat().length)],
      slots: all.map(({ row }) => own.indexOf(row)),
      inputs: all.map(given).map(Math.fround),
      targets: all.map(target ? wanted : given).map(Math.fround),
      numbers: own,
    };
  });
}

/** A descriptor read back. */
function readBatch(arena: Arena, ptr: number): Batch {
  const [numSlots, numActive, activePtr, offsetsPtr, slotsPtr, inputsPtr, targetsPtr, , , numbersPtr] = [
    ...arena.uint32(ptr, 10),
  ] as [number, number, number, number, number, number, number, number, number, number];
  const offsets = [...arena.uint32(offsetsPtr, numActive + 1)];
  const numEntries = offsets.at(-1)!;
  return {
    numSlots,
    active: [...arena.uint32(activePtr, numActive)],
    offsets,
    slots: [...arena.uint32(slotsPtr, numEntries)],
    inputs: [...arena.float32(inputsPtr, numEntries)],
    targets: [...arena.float32(targetsPtr, numEntries)],
    numbers: [...arena.uint32(numbersPtr, numSlots)],
  };
}

async function placed(byColumn: SparseMatrix, rows: readonly number[], batchSize: number, numbers: EntryNumbers) {
  const arena = newArena();
  const scope = arena.scope();
  const all = Uint32Array.from(rows);
  const result = await placeRowBatches(arena, scope, byColumn, all, batchSize, numbers, new TimeSlice());
  const read = result.batches.map(({ ptr }) => readBatch(arena, ptr));
  result.batches.forEach((batch, at) => {
    const ends = batch.activeRanges.map(([, end]) => end);
    expect(batch.activeRanges.map(([begin]) => begin)).toEqual([0, ...ends].slice(0, -1)); // one behind the other
    expect(ends.at(-1) ?? 0).toBe(read[at]!.active.length);
    expect(batch.numSlots).toBe(read[at]!.numSlots);
  });
  return { arena, scope, result, read };
}

describe("batches as the plain construction has them", () => {
  const matrix = randomMatrix(7, 23, 0.4);
  const forwards = Array.from({ length: 23 }, (_, row) => row);
  const shuffled = forwards.map((row) => (row * 9 + 5) % 23);

  test.each([1, 2, 3, 5, 7, 22, 23, 24, 1000])("of %i rows at most", async (batchSize) => {
    for (const rows of [forwards, shuffled]) {
      for (const target of [undefined, TARGET]) {
        const numbers = { ...numbersFor(matrix), target };
        const { read, result } = await placed(matrix, rows, batchSize, numbers);
        expect(read).toEqual(plainBatches(matrix, rows, batchSize, numbers));
        expect(read.flatMap((batch) => batch.numbers)).toEqual(rows);
        const sizes = read.map(({ numSlots }) => numSlots);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(result.mostSlots).toBe(Math.max(...sizes));
        expect(result.mostSlots).toBeLessThanOrEqual(batchSize);
        expect(result.numEntries).toBe(matrix.values.length);
      }
    }
  });

  test("rows that are not among those given take no part", async () => {
    const rows = shuffled.filter((row) => row % 3 !== 1);
    const numbers = numbersFor(matrix);
    const { read, result } = await placed(matrix, rows, 4, numbers);
    expect(read).toEqual(plainBatches(matrix, rows, 4, numbers));
    expect(result.numEntries).toBe([...matrix.columns].filter((row) => row % 3 !== 1).length);
  });

  test("a row without entries has a slot", async () => {
    const { read } = await placed(matrix, [4, 0], 1, numbersFor(matrix));
    expect(read[0]).toEqual({
      numSlots: 1,
      active: [],
      offsets: [0],
      slots: [],
      inputs: [],
      targets: [],
      numbers: [4],
    });
  });

  test("columns by the thousand", async () => {
    const wide = randomMatrix(1031, 5, 0.3);
    const { read } = await placed(wide, [3, 1, 0], 2, numbersFor(wide));
    expect(read).toEqual(plainBatches(wide, [3, 1, 0], 2, numbersFor(wide)));
  });

  test.each([
    ["no rows", new SparseMatrix(3, 2, new Uint32Array(4), new Uint32Array(0), new Float32Array(0)), []],
    ["no entries", new SparseMatrix(3, 2, new Uint32Array(4), new Uint32Array(0), new Float32Array(0)), [1, 0]],
    ["no columns", new SparseMatrix(0, 2, new Uint32Array(1), new Uint32Array(0), new Float32Array(0)), [0]],
    ["nothing at all", new SparseMatrix(0, 0, new Uint32Array(1), new Uint32Array(0), new Float32Array(0)), []],
  ] as const)("of a matrix of %s", async (_, empty, rows) => {
    const { read, result } = await placed(empty, rows, 1, numbersFor(empty));
    expect(read).toEqual(plainBatches(empty, rows, 1, numbersFor(empty)));
    expect(result).toMatchObject({ mostSlots: Math.min(1, rows.length), numEntries: 0 });
  });
});

test("batches lie apart, share what is of one batch at a time, and go with their scope", async () => {
  const matrix = randomMatrix(7, 23, 0.4);
  const rows = Array.from({ length: 23 }, (_, row) => row);
  const { arena, scope, result } = await placed(matrix, rows, 5, { ...numbersFor(matrix), target: TARGET });
  const words = result.batches.map(({ ptr }) => [...arena.uint32(ptr, 10)]);
  const own = words.flatMap((word) => [...word.slice(2, 7), word[9]!]);
  expect(new Set(own).size).toBe(own.length);
  expect(new Set(words.map((word) => word[7])).size).toBe(1);
  expect(new Set(words.map((word) => word[8])).size).toBe(1);
  const { numEntries: most, numActive } = plainMost(arena, words);
  arena.float32(words[0]![7]!, most).fill(Number.NaN);
  arena.float32(words[0]![8]!, numActive).fill(Number.NaN);
  const numbers = { ...numbersFor(matrix), target: TARGET };
  expect(result.batches.map(({ ptr }) => readBatch(arena, ptr))).toEqual(plainBatches(matrix, rows, 5, numbers));
  scope.release();
  expect(arena.bytesInUse).toBe(0);
});

/** The most entries and active inputs that a batch has. */
function plainMost(arena: Arena, words: readonly number[][]): { numEntries: number; numActive: number } {
  const counts = words.map(([, active, , offsetsPtr]) => arena.uint32(offsetsPtr!, active! + 1)[active!]!);
  return { numEntries: Math.max(...counts), numActive: Math.max(...words.map(([, active]) => active!)) };
}

test("stops where its signal says so", async () => {
  const arena = newArena();
  const scope = arena.scope();
  const signal = AbortSignal.abort("no more");
  const slice = new TimeSlice(signal);
  const until = performance.now() + 7; // longer than a slice
  while (performance.now() < until);
  const matrix = randomMatrix(7, 23, 0.4);
  const placing = placeRowBatches(arena, scope, matrix, Uint32Array.of(0, 1), 2, numbersFor(matrix), slice);
  await expect(placing).rejects.toBe("no more");
});
