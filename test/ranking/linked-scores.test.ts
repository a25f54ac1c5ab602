/** Scores by way of a link: ranked by what is before it, told by what is behind it. */
import { afterAll, describe, expect, test } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import type { BilinearScores } from "../../src/ranking/bilinear-scores.js";
import type { FoldedRow } from "../../src/ranking/factor-table.js";
import { hyperbolicTangent, IDENTITY, type Link, logistic, rectified } from "../../src/ranking/link.js";
import type { Row } from "../../src/ranking/scores.js";
import { VARIANTS } from "../assembly/kernel-memory.js";
import { dot } from "../twins/rating-pass.js";
import {
  collect,
  DIRECTIONS,
  EVERYTHING,
  narrowed,
  narrowings,
  pairOf,
  pairsOf,
  rankMany,
  sizeOf,
  toyScores,
} from "./toy-scores.js";

const engine = new Engine();
afterAll(() => engine.pool.terminate());

const RANGE = [1, 5] as const;

/** The equations in f64, by the host's functions. */
const LINKS: readonly (readonly [name: string, link: Link, twin: (raw: number) => number])[] = [
  ["logistic", logistic(1, 5), (raw) => 1 + 4 / (1 + Math.exp(-raw))],
  ["hyperbolicTangent", hyperbolicTangent(1, 5), (raw) => 3 + 2 * Math.tanh(raw)],
  ["rectified", rectified(1, 2), (raw) => 1 + 2 * Math.max(0, raw)],
  ["identity", IDENTITY, (raw) => raw],
];

const SCORE_DIRECTIONS = DIRECTIONS.slice(0, 2);
const ROWS: readonly number[] = [0, 3, 5, 22];
const FOLDED: FoldedRow = { factors: Float32Array.of(0.5, -1, 0.25, 2, 1, 0, 0, 0), bias: 0.25 };

const clip = (score: number): number => Math.min(Math.max(score, RANGE[0]), RANGE[1]);

const linked = (link: Link, shape: object = {}): BilinearScores =>
  toyScores(engine, "strict", { offset: 0.25, link, range: RANGE, ...shape });

describe.each(LINKS)("%s", (_, link, twin) => {
  test("is what the equation gives in f64", () => {
    const scores = linked(link);
    for (let user = 0; user < 23; user++) {
      for (let item = 0; item < 41; item++) {
        const pull = dot(scores.userFactors.row(user), scores.itemFactors.row(item));
        const raw = 0.25 + scores.userBias[user]! + scores.itemBias[item]! + pull;
        expect(Math.abs(scores.scorePair(user, item) - clip(twin(raw)))).toBeLessThan(3e-6);
        expect(Math.abs(scores.rawScore(user, item) - raw)).toBeLessThan(2e-6);
      }
    }
    scores.dispose();
  });

  test.each(SCORE_DIRECTIONS)("has the same bits by pair, by pairs and in lists: %s", async (_, direction) => {
    for (const tied of [false, true]) {
      const scores = linked(link, { tied });
      const numColumns = sizeOf(scores, direction.columns);
      const columns = Uint32Array.from({ length: numColumns }, (_, column) => column);
      const rows: Row<FoldedRow>[] = [...ROWS, UNKNOWN_INDEX, FOLDED];
      for (const row of rows) {
        const raw = (column: number): number => scores.rawScore(...pairOf(direction, row, column));
        const final = (column: number): number => scores.scorePair(...pairOf(direction, row, column));
        const byRaw = [...columns].sort((a, b) => raw(b) - raw(a) || a - b);
        const expected = byRaw.map((column): [number, number] => [column, final(column)]);
        expect(pairsOf(scores.rank(direction, row, EVERYTHING, []))).toEqual(expected);
        if (typeof row !== "number") continue;
        const same = columns.map(() => row);
        const pairs = direction.rows === "users" ? scores.scorePairs(same, columns) : scores.scorePairs(columns, same);
        expect([...pairs]).toEqual(Array.from(columns, final));
        expect(await collect(rankMany(scores, direction, [row]))).toEqual([expected]);
      }
      scores.dispose();
    }
  });

  test.each(SCORE_DIRECTIONS)("what may not come is left out of the list of all: %s", async (_, direction) => {
    const scores = linked(link, { tied: true });
    const numColumns = sizeOf(scores, direction.columns);
    for (const row of [0, FOLDED]) {
      const all = scores.rank(direction, row, EVERYTHING, []);
      for (const [selection, excluded] of narrowings(all, numColumns)) {
        const list = pairsOf(scores.rank(direction, row, selection, excluded));
        expect(list).toEqual(narrowed(all, selection, excluded));
      }
    }
    scores.dispose();
  });

  test.each(SCORE_DIRECTIONS)("the minimum is of final scores, inclusive to the last bit: %s", async (_, direction) => {
    const scores = linked(link);
    for (const row of [0, 7]) {
      const all = scores.rank(direction, row, EVERYTHING, []);
      const minimums = [...new Set(all.scores)].flatMap((score) => [score, score * (1 + 2 ** -52)]);
      for (const minimumScore of [...minimums, ...RANGE, 5.1]) {
        const selection = { ...EVERYTHING, minimumScore };
        const expected = narrowed(all, selection, []);
        expect(pairsOf(scores.rank(direction, row, selection, []))).toEqual(expected);
        if (minimums.indexOf(minimumScore) % 5 > 0) continue; // here each takes a job
        expect(await collect(rankMany(scores, direction, [row], { selection }))).toEqual([expected]);
      }
    }
    scores.dispose();
  });

  test("raw scores beyond all bounds give the ends, in the order of the raw scores", () => {
    const scores = linked(link);
    const biases = [3e38, 1e30, 800, 0, -800, -1e30, -3e38];
    scores.itemFactors.values.fill(0);
    scores.itemBias.set(biases);
    const candidates = Uint32Array.from(biases, (_, item) => item);
    const { indices, scores: final } = scores.rank(
      { rows: "users", columns: "items", metric: "cosine" },
      UNKNOWN_INDEX,
      { ...EVERYTHING, candidates },
      [],
    );
    expect([...indices]).toEqual([...candidates]);
    expect([...final].map((score) => clip(score))).toEqual([...final]);
    expect([...final.slice(0, 3), ...final.slice(4)]).toEqual([5, 5, 5, 1, 1, 1]);
    scores.userBias[0] = 3e38;
    scores.userBias[1] = -3e38;
    expect([scores.scorePair(0, 0), scores.scorePair(1, 6)]).toEqual([5, 1]); // raw scores are infinite
    scores.dispose();
  });

  test.each(DIRECTIONS.slice(2))("leaves similarities alone: %s", async (_, direction) => {
    const scores = linked(link);
    const plain = toyScores(engine, "strict", { offset: 0.25 });
    for (const minimumScore of [-Infinity, -0.5, 0, 0.5]) {
      const selection = { ...EVERYTHING, minimumScore };
      const expected = pairsOf(plain.rank(direction, 7, selection, []));
      expect(pairsOf(scores.rank(direction, 7, selection, []))).toEqual(expected);
      expect(await collect(rankMany(scores, direction, [7], { selection }))).toEqual([expected]);
    }
    scores.dispose();
    plain.dispose();
  });
});

test("no link is the identity: raw scores, clipped", () => {
  const plain = toyScores(engine, "strict");
  expect(plain.link).toBe(IDENTITY);
  expect(plain.scorePair(1, 2)).toBe(plain.rawScore(1, 2));
  plain.dispose();
});

describe.each(VARIANTS)("lists of many rows, %s", (variant) => {
  test.each([1, 2, 3])("have the same bits on %i threads", async (threads) => {
    const shape = { numUsers: 350, numItems: 2000, factors: 16, offset: 0, link: logistic(1, 5), range: RANGE };
    const scores = toyScores(engine, variant, shape);
    const rows = Array.from({ length: 350 }, (_, row) => row);
    const selection = { ...EVERYTHING, count: 5, minimumScore: 4.9 };
    const lists = await collect(rankMany(scores, DIRECTIONS[0]![1], rows, { selection, run: { threads } }));
    expect(lists).toEqual(rows.map((row) => pairsOf(scores.rank(DIRECTIONS[0]![1], row, selection, []))));
    expect(new Set(lists.map(({ length }) => length)).size).toBeGreaterThan(2);
    scores.dispose();
  });
});
