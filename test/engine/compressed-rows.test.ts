import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { type CompressedRows, placeColumns, placeRows } from "../../src/engine/compressed-rows.js";
import { Engine } from "../../src/engine/engine.js";
import { countEntries } from "../../src/engine/entry-counts.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import { randomOf } from "../assembly/rating-pass.js";

const engine = new Engine();
const LOOK = 65536;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Triples in random order, some rows and columns without any. */
function randomMatrix(numRows: number, numColumns: number, size: number): SparseMatrix {
  const random = randomOf(size);
  const rows = Uint32Array.from({ length: size }, () => (random.nextBelow(numRows) | 1) % numRows);
  const columns = Uint32Array.from({ length: size }, () => (random.nextBelow(numColumns) | 2) % numColumns);
  return SparseMatrix.fromTriples(
    numRows,
    numColumns,
    rows,
    columns,
    Float32Array.from(rows, (_, at) => at + 0.5),
  );
}

const negated = (values: Float32Array, out: Float32Array): void => {
  for (const [at, value] of values.entries()) out[at] = -value;
};

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

function expectSame(placed: CompressedRows, { numRows, offsets, columns, values, size }: SparseMatrix): void {
  const { arena } = engine;
  expect(placed.numRows).toBe(numRows);
  for (const [actual, expected] of [
    [placed.offsets, offsets],
    [arena.uint32(placed.offsetsPtr, numRows + 1), offsets],
    [arena.uint32(placed.columnsPtr, size), columns],
    [arena.float32(placed.valuesPtr, size), values.map((value) => -value)],
  ] as const) {
    expect(Buffer.compare(bytesOf(actual), bytesOf(expected))).toBe(0);
  }
}

describe.each([
  [5, 7, 30],
  [1, 1, 1],
  [3, 9, 0],
  [300, 200, LOOK - 1],
  [300, 200, LOOK],
  [300, 200, LOOK + 1],
  [1, 5000, 2 * LOOK + 3],
  [40_000, 3, 2 * LOOK + 3],
])("%i × %i, %i entries", (numRows, numColumns, size) => {
  test("as it lies, and mirrored as transpose has it", async () => {
    const matrix = randomMatrix(numRows, numColumns, size);
    const scope = engine.arena.scope();
    onTestFinished(() => scope.release());
    const slice = new TimeSlice(undefined);
    expectSame(await placeRows(engine.arena, scope, matrix, negated, slice), matrix);
    const { columns } = await countEntries(matrix, slice);
    expectSame(await placeColumns(engine.arena, scope, matrix, columns, negated, slice), matrix.transpose());
  });
});

test("it pauses at every look when time is up, also while memory grows, and ends when told to", async () => {
  const matrix = randomMatrix(300, 200, 3 * LOOK + 5);
  const scope = engine.arena.scope();
  onTestFinished(() => scope.release());
  const { columns } = await countEntries(matrix, new TimeSlice(undefined));
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += 1000;
    return now;
  });
  const controller = new AbortController();
  const slice = new TimeSlice(controller.signal);
  let pauses = 0;
  const { pause } = slice;
  vi.spyOn(slice, "pause").mockImplementation(async () => {
    pauses++;
    scope.allocate(2 ** 24); // the views that were made before are stale now
    await pause.call(slice);
  });
  expectSame(await placeRows(engine.arena, scope, matrix, negated, slice), matrix);
  expect(pauses).toBe(4);
  expectSame(await placeColumns(engine.arena, scope, matrix, columns, negated, slice), matrix.transpose());
  expect(pauses).toBe(8);
  controller.abort("enough");
  await expect(placeRows(engine.arena, scope, matrix, negated, slice)).rejects.toBe("enough");
  await expect(placeColumns(engine.arena, scope, matrix, columns, negated, slice)).rejects.toBe("enough");
});
