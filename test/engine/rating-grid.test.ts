import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { syntheticRatings } from "../../src/data/synthetic.js";
import type { Arena } from "../../src/engine/arena.js";
import { Engine } from "../../src/engine/engine.js";
import { countEntries } from "../../src/engine/entry-counts.js";
import { buildRatingGrid, equalBounds, gridSide, orderStrata, type RatingGrid } from "../../src/engine/rating-grid.js";
import { TimeSlice } from "../../src/engine/time-slice.js";
import { VARIANTS } from "../assembly/kernel-memory.js";
import { randomOf } from "../assembly/rating-pass.js";

interface Block {
  rowBegin: number;
  rowEnd: number;
  ratings: { row: number; column: number; value: number }[];
}

const VARIANT = VARIANTS.at(-1)!;

const engine = new Engine();
const { arena } = engine;
const THREADS = 3;

afterAll(() => engine.pool.terminate());

/** A grid that goes with the test. */
async function cut(matrix: SparseMatrix, { offset = 0, scale = 1, seed = 1, threads = THREADS } = {}) {
  const scope = arena.scope();
  onTestFinished(() => scope.release());
  const slice = new TimeSlice();
  const counts = await countEntries(matrix, slice);
  const context = { engine, variant: VARIANT, scope, run: { threads } };
  return { arena, grid: await buildRatingGrid(context, matrix, counts, { offset, scale, seed, slice }) };
}

/** The blocks of a grid as they lie in memory, by chunk. */
function blocksOf(arena: Arena, { chunks }: RatingGrid): Block[] {
  const { numChunks, argumentsPerChunk, chunkArgumentsPtr } = chunks;
  expect(argumentsPerChunk).toBe(5);
  return Array.from({ length: numChunks }, (_, chunk) => {
    const own = arena.float64(chunkArgumentsPtr + chunk * 40, 5) as unknown as [number, number, number, number, number];
    const [rowBegin, rowEnd, offsetsPtr, columnsPtr, valuesPtr] = own;
    const ratings: Block["ratings"] = [];
    const offsets = arena.uint32(offsetsPtr, rowEnd + 1);
    for (let row = rowBegin; row < rowEnd; row++) {
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
        const column = arena.uint32(columnsPtr + at * 4, 1)[0]!;
        ratings.push({ row, column, value: arena.float32(valuesPtr + at * 4, 1)[0]! });
      }
    }
    return { rowBegin, rowEnd, ratings };
  });
}

const matrixOf = (numUsers: number, numItems: number, numRatings: number): SparseMatrix =>
  syntheticRatings({ numUsers, numItems, numRatings, seed: 3 }).interactions.matrix;

const triplesOf = ({ numRows, offsets, columns, values }: SparseMatrix): Block["ratings"] =>
  Array.from({ length: numRows }, (_, row) =>
    Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, place) => {
      const entry = offsets[row]! + place;
      return { row, column: columns[entry]!, value: values[entry]! };
    }),
  ).flat();

const inOrder = (ratings: Block["ratings"]): Block["ratings"] =>
  ratings.toSorted((a, b) => a.row - b.row || a.column - b.column || a.value - b.value);

/** 4 × 4 blocks, and one that has rows without ratings and columns that nobody rated. */
const LARGE = matrixOf(900, 300, 140_000);
const SPARSE = SparseMatrix.fromTriples(
  5,
  9,
  Uint32Array.of(3, 1, 3),
  Uint32Array.of(8, 2, 0),
  Float32Array.of(1, 2, 3),
);

describe("the grid", () => {
  test.each([
    ["large", LARGE],
    ["sparse", SPARSE],
    ["of one rating", SparseMatrix.fromTriples(1, 1, Uint32Array.of(0), Uint32Array.of(0), Float32Array.of(4))],
  ])("has every rating exactly once: %s", async (_, matrix) => {
    const { arena, grid } = await cut(matrix);
    const blocks = blocksOf(arena, grid);
    expect(blocks.length).toBe(grid.side ** 2);
    expect(inOrder(blocks.flatMap(({ ratings }) => ratings))).toEqual(inOrder(triplesOf(matrix)));
  });

  test("the blocks of a stratum share no row and no column", async () => {
    const { arena, grid } = await cut(LARGE);
    expect(grid.side).toBe(4);
    const blocks = blocksOf(arena, grid);
    for (let stratum = 0; stratum < grid.side; stratum++) {
      const own = blocks.slice(stratum * grid.side, (stratum + 1) * grid.side);
      for (const part of ["row", "column"] as const) {
        const owners = own.map(({ ratings }) => new Set(ratings.map((rating) => rating[part])));
        const together = new Set(owners.flatMap((owner) => [...owner]));
        expect(together.size).toBe(owners.reduce((sum, owner) => sum + owner.size, 0));
      }
    }
  });

  test("a block's lanes are its band and its panel, each met once in a stratum", async () => {
    const { arena, grid } = await cut(LARGE);
    const { side, lanes } = grid;
    const lanesOf = arena.uint32(lanes.ptr, side * side * 2);
    expect(lanes.count).toBe(2 * side);
    for (let stratum = 0; stratum < side; stratum++) {
      const own = [...lanesOf.subarray(stratum * side * 2, (stratum + 1) * side * 2)];
      expect(own.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2 * side }, (_, lane) => lane));
      for (let band = 0; band < side; band++) {
        expect(own.slice(2 * band, 2 * band + 2)).toEqual([band, side + ((band + stratum) % side)]);
      }
    }
  });

  test("values are (r − offset) / scale, rounded to f32", async () => {
    const { arena, grid } = await cut(SPARSE, { offset: 1.75, scale: 0.3 });
    const values = blocksOf(arena, grid).flatMap(({ ratings }) => ratings.map(({ value }) => value));
    expect(values.toSorted((a, b) => a - b)).toEqual([1, 2, 3].map((rating) => Math.fround((rating - 1.75) / 0.3)));
  });

  test("a row's ratings are shuffled by the seed and the row, within each panel", async () => {
    const order = async (seed: number) => {
      const { arena, grid } = await cut(LARGE, { seed });
      return blocksOf(arena, grid).map(({ ratings }) => ratings.map(({ row, column }) => `${row} ${column}`));
    };
    const first = await order(1);
    expect(await order(1)).toEqual(first);
    const second = await order(2);
    expect(second).not.toEqual(first);
    expect(second.map((block) => block.toSorted())).toEqual(first.map((block) => block.toSorted()));
    const sorted = triplesOf(LARGE).map(({ row, column }) => `${row} ${column}`);
    expect(first.flat()).not.toEqual(sorted);
  });

  test("a row's order does not depend on the other rows", async () => {
    const ratings = triplesOf(matrixOf(40, 30, 600));
    const matrix = (rows: Block["ratings"], numRows: number): SparseMatrix =>
      SparseMatrix.fromTriples(
        numRows,
        30,
        Uint32Array.from(rows, ({ row }) => row),
        Uint32Array.from(rows, ({ column }) => column),
        Float32Array.from(rows, ({ value }) => value),
      );
    const orderOf = async (rows: Block["ratings"], numRows: number) => {
      const { arena, grid } = await cut(matrix(rows, numRows));
      expect(grid.side).toBe(1);
      return blocksOf(arena, grid)[0]!.ratings.filter(({ row }) => row === 7);
    };
    const alone = await orderOf(
      ratings.filter(({ row }) => row === 7),
      8,
    );
    expect(alone.length).toBeGreaterThan(3);
    expect(await orderOf(ratings, 40)).toEqual(alone);
  });
});

test("the grid has the same bits on any number of threads", async () => {
  const wholeOf = async (threads: number) =>
    blocksOf(arena, (await cut(LARGE, { offset: 3, scale: 0.7, threads })).grid);
  const first = await wholeOf(1);
  for (const threads of [2, 3, 5]) expect(await wholeOf(threads)).toEqual(first);
});

test("what only the cut needs is given back", async () => {
  const scope = arena.scope();
  const counts = await countEntries(LARGE, new TimeSlice());
  const before = arena.bytesInUse;
  const options = { offset: 0, scale: 1, seed: 1, slice: new TimeSlice() };
  await buildRatingGrid({ engine, variant: VARIANT, scope, run: {} }, LARGE, counts, options);
  const kept = arena.bytesInUse - before;
  expect(kept).toBeGreaterThan(8 * LARGE.size);
  expect(kept).toBeLessThan(8 * LARGE.size + 4 * 4 * (LARGE.numRows + 4) + 4096);
  scope.release();
  expect(arena.bytesInUse).toBe(before);
  const run = { signal: AbortSignal.abort(new Error("no")) };
  const own = arena.scope();
  await expect(buildRatingGrid({ engine, variant: VARIANT, scope: own, run }, LARGE, counts, options)).rejects.toThrow(
    "no",
  );
  own.release();
  expect(arena.bytesInUse).toBe(before);
});

describe("gridSide", () => {
  test("depends on the data's size: at least 8192 ratings a block, a power of two, at most 32", () => {
    const sides = [1, 8191, 32_767, 32_768, 131_071, 131_072, 524_288, 2 ** 21].map((size) => gridSide(100, size));
    expect(sides).toEqual([1, 1, 1, 2, 2, 4, 8, 16]);
    expect(gridSide(1, 2 ** 31)).toBe(32);
    expect(gridSide(0, 0)).toBe(1);
  });

  test("many rows of few ratings keep a side of 8", () => {
    expect(gridSide(1_000_000, 10_000_000)).toBe(8);
    expect(gridSide(100_000, 10_000_000)).toBe(8);
    expect(gridSide(10_000, 10_000_000)).toBe(32);
  });
});

describe("orderStrata", () => {
  const ordersOf = async (epochs: readonly number[], seed = 1) => {
    const { arena, grid } = await cut(LARGE);
    return epochs.map((epoch) => {
      orderStrata(arena, grid, seed, epoch);
      return [...arena.uint32(grid.orderPtr, grid.side ** 2)];
    });
  };

  test("is a permutation of the chunks by whole strata", async () => {
    for (const order of await ordersOf([1, 2, 3, 4, 5])) {
      expect(order.toSorted((a, b) => a - b)).toEqual([...order.keys()]);
      for (let place = 0; place < 16; place += 4) {
        const stratum = order.slice(place, place + 4);
        expect(stratum[0]! % 4).toBe(0);
        expect(stratum).toEqual([0, 1, 2, 3].map((at) => stratum[0]! + at));
      }
    }
  });

  test("differs by epoch and by seed, and is the same for the same", async () => {
    const epochs = Array.from({ length: 20 }, (_, epoch) => epoch + 1);
    const orders = (await ordersOf(epochs)).map(String);
    expect(new Set(orders).size).toBeGreaterThan(8); // of 4! = 24
    expect((await ordersOf(epochs)).map(String)).toEqual(orders);
    expect((await ordersOf(epochs, 2)).map(String)).not.toEqual(orders);
  });
});

describe("equalBounds", () => {
  const bounds = (counts: number[], parts: number): number[] => [...equalBounds(Uint32Array.from(counts), parts)];

  test("cuts at equal totals", () => {
    expect(bounds([1, 1, 1, 1, 1, 1], 3)).toEqual([0, 2, 4, 6]);
    expect(bounds([5, 1, 1, 1, 1, 1], 2)).toEqual([0, 1, 6]);
    expect(bounds([1, 1, 1, 1, 1, 5], 2)).toEqual([0, 5, 6]);
  });

  test("fewer rows than parts, and none at all", () => {
    expect(bounds([3, 3], 4)).toEqual([0, 1, 1, 2, 2]);
    expect(bounds([7], 3)).toEqual([0, 1, 1, 1]);
    expect(bounds([], 2)).toEqual([0, 0, 0]);
  });

  test("all counts zero", () => {
    const result = bounds([0, 0, 0, 0], 2);
    expect([result[0], result[2]]).toEqual([0, 4]);
  });

  test("one giant row", () => {
    expect(bounds([0, 0, 1000, 0, 0, 1], 4)).toEqual([0, 3, 3, 3, 6]);
  });

  test("always parts + 1 bounds that never fall, from 0 to the end, and parts near their share", () => {
    const random = randomOf(21);
    for (let turn = 0; turn < 300; turn++) {
      const counts = Array.from({ length: random.nextBelow(50) }, () => random.nextBelow(20));
      const parts = 1 + random.nextBelow(9);
      const result = bounds(counts, parts);
      expect(result.length).toBe(parts + 1);
      expect([result[0], result[parts]]).toEqual([0, counts.length]);
      expect(result).toEqual(result.toSorted((a, b) => a - b));
      const total = counts.reduce((sum, count) => sum + count, 0);
      const largest = Math.max(0, ...counts);
      for (let part = 0; part < parts; part++) {
        const share = counts.slice(result[part], result[part + 1]).reduce((sum, count) => sum + count, 0);
        expect(share).toBeLessThanOrEqual(total / parts + largest);
      }
    }
  });
});
