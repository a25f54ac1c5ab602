import { afterAll, describe, expect, test } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import type { BilinearScores } from "../../src/ranking/bilinear-scores.js";
import type { FoldedRow } from "../../src/ranking/factor-table.js";
import type { Ranked, Row, SimilarityMetric } from "../../src/ranking/scores.js";
import { dot } from "../twins/rating-pass.js";
import {
  DIRECTIONS,
  EVERYTHING,
  METRICS,
  narrowed,
  narrowings,
  pairOf,
  pairsOf,
  sizeOf,
  toyScores,
} from "./toy-scores.js";

const engine = new Engine();
afterAll(() => engine.pool.terminate());

const byScore = ([a, x]: [number, number], [b, y]: [number, number]): number => y - x || a - b;

/** A folded row: of factors that no stored row has, or a stored row's. */
function foldedRow(scores: BilinearScores, like?: number): FoldedRow {
  const { stride, columns } = scores.userFactors;
  if (like !== undefined)
    return { factors: scores.userFactors.values.slice(like * stride, (like + 1) * stride), bias: 0.25 };
  return { factors: Float32Array.from({ length: stride }, (_, f) => (f < columns ? 0.5 - f / 4 : 0)), bias: 0.25 };
}

describe.each([false, true])("rank, ties: %s", (tied) => {
  describe.each(DIRECTIONS.slice(0, 2))("%s", (_, direction) => {
    test.each<[string, readonly [number, number]]>([
      ["unbounded", [-Infinity, Infinity]],
      ["bounded", [2, 4.5]],
    ])("has the scores of scorePair, best first, %s", (_, range) => {
      const scores = toyScores(engine, "strict", { tied, range });
      const numColumns = sizeOf(scores, direction.columns);
      const rows: Row<FoldedRow>[] = [0, 3, 5, 22, UNKNOWN_INDEX, foldedRow(scores)];
      for (const row of rows) {
        const raw = Array.from({ length: numColumns }, (_, column): [number, number] => {
          return [column, scores.rawScore(...pairOf(direction, row, column))];
        });
        const expected = raw.sort(byScore).map(([column]): [number, number] => {
          return [column, scores.scorePair(...pairOf(direction, row, column))];
        });
        const all = scores.rank(direction, row, EVERYTHING, []);
        expect(pairsOf(all)).toEqual(expected);
        for (const [selection, excluded] of narrowings(all, numColumns)) {
          const list = pairsOf(scores.rank(direction, row, selection, excluded));
          expect(list).toEqual(narrowed(all, selection, excluded));
        }
      }
      scores.dispose();
    });
  });

  describe.each(DIRECTIONS.slice(2))("%s", (_, direction) => {
    test("what may not come is left out of the list of all", () => {
      const scores = toyScores(engine, "strict", { tied });
      const numColumns = sizeOf(scores, direction.columns);
      for (const row of [0, 3, 5, 22, foldedRow(scores)]) {
        const all = scores.rank(direction, row, EVERYTHING, []);
        expect(pairsOf(all)).toEqual(pairsOf(all).sort(byScore));
        for (const [selection, excluded] of narrowings(all, numColumns)) {
          const list = pairsOf(scores.rank(direction, row, selection, excluded));
          expect(list).toEqual(narrowed(all, selection, excluded));
        }
      }
      expect(pairsOf(scores.rank(direction, UNKNOWN_INDEX, EVERYTHING, []))).toEqual([]);
      scores.dispose();
    });
  });
});

describe.each(METRICS)("similarity by %s", (metric) => {
  const twins: Record<SimilarityMetric, (a: Float32Array, b: Float32Array) => number> = {
    dot,
    cosine: (a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
    euclidean: (a, b) => 0 - Math.sqrt(dot(a, a) - 2 * dot(a, b) + dot(b, b)),
  };
  const direction = { rows: "users", columns: "users", metric } as const;

  const expectAsTwin = ({ indices, scores: similarities }: Ranked, scores: BilinearScores, q: Float32Array): void => {
    for (const [at, column] of indices.entries()) {
      const twin = twins[metric](q, scores.userFactors.row(column));
      // −d rounds by 2.4e-7 at 4; near 0 it is known to the root of what d²/2 is
      const bound = metric === "euclidean" ? 1e-6 * (1 + 1 / Math.max(1e-3, -twin)) : 1e-6;
      expect(Math.abs(similarities[at]! - twin)).toBeLessThan(bound);
    }
  };

  test("as in f64, rows of zeros left out", () => {
    const scores = toyScores(engine, "strict", { factors: 13 });
    const known = [...Array(23).keys()].filter((row) => row !== 3);
    for (const row of known) {
      const list = scores.rank(direction, row, EVERYTHING, []);
      expect([...list.indices].sort((a, b) => a - b)).toEqual(known);
      expectAsTwin(list, scores, scores.userFactors.row(row));
    }
    expect(pairsOf(scores.rank(direction, 3, EVERYTHING, []))).toEqual([]);
    scores.dispose();
  });

  test("a folded row is as a stored one of its factors", () => {
    const scores = toyScores(engine, "strict", { factors: 13 });
    for (const row of [0, 7, 22]) {
      const stored = pairsOf(scores.rank(direction, row, EVERYTHING, []));
      expect(pairsOf(scores.rank(direction, foldedRow(scores, row), EVERYTHING, []))).toEqual(stored);
    }
    expect(pairsOf(scores.rank(direction, foldedRow(scores, 3), EVERYTHING, []))).toEqual([]);
    scores.dispose();
  });

  test("within its range, and never −0", () => {
    const scores = toyScores(engine, "strict", { tied: true, factors: 2 }); // nine rows, each many times
    for (const row of [0, 1, 2, 4, 22]) {
      const { indices, scores: similarities } = scores.rank(direction, row, EVERYTHING, []);
      const isSame = (column: number): boolean => {
        return [0, 1].every((f) => scores.userFactors.row(column)[f] === scores.userFactors.row(row)[f]);
      };
      const ofSame = [...similarities].filter((_, at) => isSame(indices[at]!));
      if (ofSame.length === 0) continue;
      if (metric === "cosine") expect(Math.max(...similarities)).toBeLessThanOrEqual(1);
      if (metric === "cosine") for (const each of ofSame) expect(each).toBeCloseTo(1, 6);
      if (metric === "euclidean") expect(ofSame).toEqual(new Array<number>(ofSame.length).fill(0));
    }
    scores.dispose();
  });
});

test.each(DIRECTIONS)("the minimum is inclusive to the last bit: %s", (_, direction) => {
  const scores = toyScores(engine, "strict", { factors: 13 });
  for (const row of [0, 7, 22]) {
    const all = pairsOf(scores.rank(direction, row, EVERYTHING, []));
    for (const [, score] of all) {
      const justAbove = score + Math.max(Math.abs(score), 1e-300) * 2 ** -52;
      expect(justAbove).toBeGreaterThan(score);
      for (const minimumScore of [score, justAbove]) {
        const list = pairsOf(scores.rank(direction, row, { ...EVERYTHING, minimumScore }, []));
        expect(list).toEqual(all.filter(([, each]) => each >= minimumScore));
      }
    }
  }
  scores.dispose();
});

test.each(DIRECTIONS.slice(0, 2))(
  "the minimum is of what a score becomes, where a range ends at no f32: %s",
  (_, direction) => {
    const scores = toyScores(engine, "strict", { range: [2.7, 4.4] }); // as f32s 2.7000000477 and 4.4000000954
    const opposite = toyScores(engine, "strict", { range: [3.3, 3.6] }); // 3.2999999523 and 3.5999999046
    for (const each of [scores, opposite]) {
      const all = each.rank(direction, 0, EVERYTHING, []);
      const ends = [all.scores[0]!, all.scores.at(-1)!];
      expect(new Set(ends)).toEqual(new Set(each.range.map(Math.fround)));
      for (const minimumScore of [...each.range, ...ends]) {
        const list = pairsOf(each.rank(direction, 0, { ...EVERYTHING, minimumScore }, []));
        expect(list).toEqual(narrowed(all, { ...EVERYTHING, minimumScore }, []));
      }
      each.dispose();
    }
  },
);
