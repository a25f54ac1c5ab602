import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import type { BilinearScores } from "../../src/ranking/bilinear-scores.js";
import type { ManyRows } from "../../src/ranking/scores.js";
import { VARIANTS } from "../assembly/kernel-memory.js";
import {
  collect,
  compressed,
  DIRECTIONS,
  EVERYTHING,
  narrowings,
  pairsOf,
  rankMany,
  sizeOf,
  toyScores,
} from "./toy-scores.js";

const engine = new Engine();
let scores: BilinearScores;

beforeAll(() => {
  scores = toyScores(engine, "strict", { factors: 13, range: [2, 4.5] });
});

afterAll(() => engine.pool.terminate());

/** Rows in no order, one of them twice. */
const ROWS = [22, 0, 3, 7, 5, 7, 1, 19];
const [ITEMS_FOR_USERS] = DIRECTIONS[0]!.slice(1) as [(typeof DIRECTIONS)[number][1]];

/** What a row leaves out: nothing, some in no order and twice, or everything. */
function excludedFor(numColumns: number): (row: number) => Uint32Array {
  return (row) => {
    if (row % 3 === 0) return new Uint32Array(0);
    if (row === 19) return Uint32Array.from({ length: numColumns }, (_, column) => column).reverse();
    return Uint32Array.from({ length: 2 * row }, (_, at) => (at * 7 + row) % numColumns);
  };
}

describe.each(VARIANTS)("rankMany has the lists of rank, %s", (variant) => {
  describe.each([false, true])("ties: %s", (tied) => {
    test.each(DIRECTIONS)("%s", async (_, direction) => {
      const own = toyScores(engine, variant, { tied, factors: tied ? 3 : 13, range: [2, 4.5] });
      const numColumns = sizeOf(own, direction.columns);
      const excluded = excludedFor(numColumns);
      const all = own.rank(direction, 7, EVERYTHING, []);
      for (const [at, [selection]] of [...narrowings(all, numColumns)].entries()) {
        if (at % 3 !== 0) continue; // rank.test.ts has them all; here each takes a few jobs
        const expected = ROWS.map((row) => pairsOf(own.rank(direction, row, selection, [])));
        expect(await collect(rankMany(own, direction, ROWS, { selection }))).toEqual(expected);
        const fewer = ROWS.map((row) => pairsOf(own.rank(direction, row, selection, excluded(row))));
        const query = { selection, excluded: compressed(excluded, Math.max(...ROWS) + 1), batchRows: 3 };
        expect(await collect(rankMany(own, direction, ROWS, query))).toEqual(fewer);
      }
      own.dispose();
    });
  });
});

test.each(DIRECTIONS)("the minimum is inclusive to the last bit: %s", async (_, direction) => {
  const { scores: similarities } = scores.rank(direction, 7, EVERYTHING, []);
  for (const score of new Set(similarities)) {
    for (const minimumScore of [score, score + Math.max(Math.abs(score), 1e-300) * 2 ** -52]) {
      const selection = { ...EVERYTHING, minimumScore };
      const expected = pairsOf(scores.rank(direction, 7, selection, []));
      expect(await collect(rankMany(scores, direction, [7], { selection }))).toEqual([expected]);
    }
  }
});

test("unknown rows are ranked by what is known of the columns", async () => {
  for (const [, direction] of DIRECTIONS.slice(0, 2)) {
    const list = pairsOf(scores.rank(direction, UNKNOWN_INDEX, EVERYTHING, []));
    expect(list.length).toBe(sizeOf(scores, direction.columns));
    expect(await collect(rankMany(scores, direction, [UNKNOWN_INDEX, UNKNOWN_INDEX]))).toEqual([list, list]);
  }
});

describe("the same lists", () => {
  const many = (query: Partial<ManyRows>) => {
    const rows = Array.from({ length: 700 }, (_, at) => (at * 5) % 350);
    return collect(rankMany(large, ITEMS_FOR_USERS, rows, { selection: { ...EVERYTHING, count: 5 }, ...query }));
  };
  let large: BilinearScores;
  let expected: [number, number][][];

  beforeAll(async () => {
    large = toyScores(engine, "strict", { numUsers: 350, numItems: 20_000, factors: 16 }); // chunks of 180 rows
    expected = await many({ run: { threads: 1 } });
    expect(expected.length).toBe(700);
    expect(new Set(expected.flat().map(([item]) => item)).size).toBeGreaterThan(100);
  });

  afterAll(() => large.dispose());

  test.each([1, 2, 3, 5, 7])("on %i threads", async (threads) => {
    expect(await many({ run: { threads } })).toEqual(expected);
  });

  test.each([1, 7, 60, 699, 700])("in batches of %i", async (batchRows) => {
    const rows = batchRows === 1 ? 9 : 700; // a batch takes some milliseconds
    const some = Array.from({ length: rows }, (_, at) => (at * 5) % 350);
    const query = { selection: { ...EVERYTHING, count: 5 }, batchRows };
    expect(await collect(rankMany(large, ITEMS_FOR_USERS, some, query))).toEqual(expected.slice(0, rows));
  });
});

describe("batches", () => {
  test("have as many rows as asked for, the last what is left", async () => {
    const lengths: number[] = [];
    for await (const { counts, width, indices } of rankMany(scores, ITEMS_FOR_USERS, ROWS, { batchRows: 3 })) {
      lengths.push(counts.length);
      expect(width).toBe(41);
      expect(indices.length).toBe(41 * counts.length);
    }
    expect(lengths).toEqual([3, 3, 2]);
  });

  test("of no rows: none", async () => {
    expect(await collect(rankMany(scores, ITEMS_FOR_USERS, []))).toEqual([]);
  });

  test("of no candidates: lists of nothing", async () => {
    const selection = { ...EVERYTHING, candidates: new Uint32Array(0) };
    expect(await collect(rankMany(scores, ITEMS_FOR_USERS, [1, 2], { selection }))).toEqual([[], []]);
  });

  test("of a side without rows: lists of nothing", async () => {
    const empty = toyScores(engine, "strict", { numItems: 0 });
    expect(await collect(rankMany(empty, ITEMS_FOR_USERS, [1, 2]))).toEqual([[], []]);
    empty.dispose();
  });
});

describe("memory comes back", () => {
  test.each(DIRECTIONS)("after all of it, and when it is left early: %s", async (_, direction) => {
    const { bytesInUse } = engine.arena;
    const excluded = excludedFor(sizeOf(scores, direction.columns));
    const query = { batchRows: 2, excluded: compressed(excluded, Math.max(...ROWS) + 1) };
    await collect(rankMany(scores, direction, ROWS, query));
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    for await (const batch of rankMany(scores, direction, ROWS, query)) {
      expect(batch.counts.length).toBe(2);
      expect(engine.arena.bytesInUse).toBeGreaterThan(bytesInUse);
      break;
    }
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });

  test("when the caller throws", async () => {
    const { bytesInUse } = engine.arena;
    const failing = async (): Promise<void> => {
      for await (const _ of rankMany(scores, ITEMS_FOR_USERS, ROWS, { batchRows: 2 })) throw new Error("enough");
    };
    await expect(failing()).rejects.toThrow("enough");
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });

  test("when what a row leaves out cannot be had", async () => {
    const { bytesInUse } = engine.arena;
    const query = {
      excluded: {
        get offsets(): Uint32Array {
          throw new Error("lost");
        },
        columns: new Uint32Array(0),
      },
    };
    await expect(collect(rankMany(scores, ITEMS_FOR_USERS, ROWS, query))).rejects.toThrow("lost");
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
  });

  test.each(DIRECTIONS)("when it is aborted, before or between batches: %s", async (_, direction) => {
    const { bytesInUse } = engine.arena;
    const aborted = { run: { threads: 2, signal: AbortSignal.abort(new Error("before")) } };
    await expect(collect(rankMany(scores, direction, ROWS, aborted))).rejects.toThrow("before");
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    for (const when of [1, 2]) {
      const controller = new AbortController();
      let batches = 0;
      const run = async (): Promise<void> => {
        const query = { batchRows: 2, run: { threads: 2, signal: controller.signal } };
        for await (const _ of rankMany(scores, direction, ROWS, query)) {
          if (++batches === when) controller.abort(new Error("at once"));
        }
      };
      await expect(run()).rejects.toThrow("at once");
      expect(batches).toBe(when);
      expect(engine.arena.bytesInUse).toBe(bytesInUse);
    }
  });

  test("when it is aborted in the middle of a job", async () => {
    const large = toyScores(engine, "strict", { numUsers: 4000, numItems: 20_000, factors: 64 });
    const { bytesInUse } = engine.arena;
    const controller = new AbortController();
    const run = { threads: 2, signal: controller.signal };
    const rows = [...Array(4000).keys()]; // half a second of work
    setTimeout(() => controller.abort(new Error("too long")), 30);
    await expect(collect(rankMany(large, ITEMS_FOR_USERS, rows, { run, batchRows: 4000 }))).rejects.toThrow("too long");
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    large.dispose();
  });
});
