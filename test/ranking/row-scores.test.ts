import { afterAll, describe, expect, test } from "vitest";
import { engine } from "../../src/engine/engine.js";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import { RowScores } from "../../src/ranking/row-scores.js";
import type { Direction, Row, Side } from "../../src/ranking/scores.js";
import { collect, compressed, DIRECTIONS, EVERYTHING, narrowed, narrowings, pairsOf, rankMany } from "./toy-scores.js";

/** A user that was folded in: how far it stands from everything. */
interface Folded {
  shift: number;
}

const SIZES = { users: 9, items: 23 };
const [ITEMS_FOR_USERS, USERS_FOR_ITEMS] = DIRECTIONS.slice(0, 2).map(([, direction]) => direction) as [
  Direction,
  Direction,
];

/** Scores that are no product of factors: a user and an item are 7 − their difference modulo 8, item 5 cannot come. */
class ToyRowScores extends RowScores<Folded> {
  readonly range = [1, 6] as const;
  readonly release = (): void => {};
  /** How long a row takes. */
  milliseconds = 0;

  protected sizeOf(side: Side): number {
    return SIZES[side];
  }

  protected rawScore(user: Row<Folded>, item: Row<Folded>): number {
    const place = (row: Row<Folded>): number => {
      return typeof row !== "number" ? row.shift : row === UNKNOWN_INDEX ? 0 : row;
    };
    return 7 - ((((place(item) - place(user)) % 8) + 8) % 8);
  }

  protected scoreRow({ rows, columns }: Direction, row: Row<Folded>, out: Float32Array): void {
    for (const end = performance.now() + this.milliseconds; performance.now() < end; );
    out.forEach((_, column) => {
      const isSimilarity = rows === columns;
      if (isSimilarity) out[column] = -Math.abs(column - (row as number));
      else out[column] = rows === "users" ? this.rawScore(row, column) : this.rawScore(column, row);
    });
    if (columns === "items") out[5] = -Infinity;
  }

  hold(): () => void {
    return () => {};
  }

  dispose(): void {}
}

const scores = new ToyRowScores();
afterAll(() => engine().pool.terminate());

describe("scores by the row", () => {
  test("of pairs are clipped", () => {
    expect(scores.scorePair(2, 2)).toBe(6); // 7 before
    expect(scores.scorePair(2, 4)).toBe(5);
    expect(scores.scorePair(2, 1)).toBe(1); // 0 before
    expect(scores.scorePair({ shift: 1.5 }, 2)).toBe(6);
    expect(scores.scorePair({ shift: -0.5 }, 2)).toBe(4.5);
    expect(scores.scorePair(UNKNOWN_INDEX, 3)).toBe(4);
    expect([...scores.scorePairs(Uint32Array.of(2, 2, UNKNOWN_INDEX), Uint32Array.of(2, 4, 3))]).toEqual([6, 5, 4]);
    expect(scores.scorePairs(new Uint32Array(0), new Uint32Array(0)).length).toBe(0);
  });

  test("rank by the raw score, and give the clipped one", () => {
    const list = pairsOf(scores.rank(ITEMS_FOR_USERS, 1, { ...EVERYTHING, count: 8 }, []));
    expect(list).toEqual([
      [1, 6],
      [9, 6],
      [17, 6],
      [2, 6],
      [10, 6],
      [18, 6],
      [3, 5],
      [11, 5],
    ]);
    expect(pairsOf(scores.rank(ITEMS_FOR_USERS, { shift: 1 }, { ...EVERYTHING, count: 8 }, []))).toEqual(list);
  });

  test("−∞ never comes", () => {
    const { indices } = scores.rank(ITEMS_FOR_USERS, 1, EVERYTHING, []);
    expect(indices.length).toBe(22);
    expect(indices.includes(5)).toBe(false);
    expect(scores.rank(ITEMS_FOR_USERS, 1, { ...EVERYTHING, candidates: Uint32Array.of(5) }, []).indices.length).toBe(
      0,
    );
    expect(scores.rank(USERS_FOR_ITEMS, 1, EVERYTHING, []).indices.length).toBe(9);
  });

  test.each(DIRECTIONS.slice(0, 4))("what may not come is left out of the list of all: %s", (_, direction) => {
    const numColumns = SIZES[direction.columns];
    const rows = [0, 4, 8, ...(direction.rows === direction.columns ? [] : [UNKNOWN_INDEX, { shift: 2.5 }])];
    for (const row of rows) {
      const all = scores.rank(direction, row, EVERYTHING, []);
      for (const [selection, excluded] of narrowings(all, numColumns)) {
        const list = pairsOf(scores.rank(direction, row, selection, excluded));
        expect(list).toEqual(narrowed(all, selection, excluded));
      }
    }
  });

  test("nothing is like an unknown row", () => {
    for (const [, direction] of DIRECTIONS.slice(2)) {
      expect(pairsOf(scores.rank(direction, UNKNOWN_INDEX, EVERYTHING, []))).toEqual([]);
    }
  });

  test("similarities are not clipped", () => {
    const [, direction] = DIRECTIONS[2]!;
    expect(pairsOf(scores.rank(direction, 22, { ...EVERYTHING, count: 3 }, [22]))).toEqual([
      [21, -1],
      [20, -2],
      [19, -3],
    ]);
  });
});

describe("many rows", () => {
  test.each(DIRECTIONS.slice(0, 4))("have the lists that each has alone: %s", async (_, direction) => {
    const rows = [8, 0, 3, 3, 7];
    const excludedFor = (row: number): Uint32Array => Uint32Array.from({ length: row }, (_, at) => (at * 2) % 9);
    for (const selection of [
      EVERYTHING,
      { count: 3, candidates: undefined, minimumScore: 2.5 },
      { count: 100, candidates: Uint32Array.of(1, 2, 4, 5, 8), minimumScore: -Infinity },
      { count: 2, candidates: new Uint32Array(0), minimumScore: -Infinity },
      { count: 2, candidates: undefined, minimumScore: 99 },
    ]) {
      const alone = rows.map((row) => pairsOf(scores.rank(direction, row, selection, excludedFor(row))));
      for (const batchRows of [1, 2, 5, 100]) {
        const lists = await collect(
          rankMany(scores, direction, rows, { selection, excluded: compressed(excludedFor, 9), batchRows }),
        );
        expect(lists).toEqual(alone);
      }
    }
  });

  test("width is the most that can come", async () => {
    const widthOf = async (count: number, candidates?: Uint32Array): Promise<number | undefined> => {
      const selection = { count, candidates, minimumScore: -Infinity };
      for await (const { width } of rankMany(scores, ITEMS_FOR_USERS, [1], { selection })) return width;
      return undefined;
    };
    expect(await widthOf(4)).toBe(4);
    expect(await widthOf(400)).toBe(23);
    expect(await widthOf(400, Uint32Array.of(3, 4))).toBe(2);
  });

  test("let the event loop turn, and end when they are aborted", async () => {
    const slow = new ToyRowScores();
    slow.milliseconds = 2;
    const { bytesInUse } = engine().arena;
    const controller = new AbortController();
    const rows = new Array<number>(1000).fill(1); // two seconds of work
    const query = { run: { threads: 1, signal: controller.signal } };
    setTimeout(() => controller.abort(new Error("too long")), 20);
    const begin = performance.now();
    await expect(collect(rankMany(slow, ITEMS_FOR_USERS, rows, query))).rejects.toThrow("too long");
    expect(performance.now() - begin).toBeLessThan(1000);
    expect(engine().arena.bytesInUse).toBe(bytesInUse);
  });
});
