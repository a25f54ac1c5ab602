/** Users like the items of their own parity (the checkerboard of implicit's tests): what every personalised model must see. */
import { expect, test } from "vitest";
import { IdIndex } from "../../../src/data/id-index.js";
import { Interactions } from "../../../src/data/interactions.js";
import { SparseMatrix } from "../../../src/data/sparse-matrix.js";
import { ask, askAll, isSimilarity, QUESTIONS } from "./questions.js";
import { fitted, historyOfItem, historyOfUser, type Subject } from "./subject.js";

const SIZE = 50;

/**
 * 50 users and as many items, by number, and an empty row and column behind them. Rated 5 where both are even or both
 * odd, else 1 (or not at all, where only choices count); the diagonal and one item of the other parity are left to guess.
 */
function checkerboard(ratings: boolean): Interactions {
  const [rows, columns, values]: [number[], number[], number[]] = [[], [], []];
  for (let user = 0; user < SIZE; user++) {
    for (let item = 0; item < SIZE; item++) {
      const isLiked = (user + item) % 2 === 0;
      if (item === user || item === (user + 1) % SIZE || (!isLiked && !ratings)) continue;
      rows.push(user);
      columns.push(item);
      values.push(isLiked ? 5 : 1);
    }
  }
  const ids = Array.from({ length: SIZE + 1 }, (_, index) => index);
  const triples = [Uint32Array.from(rows), Uint32Array.from(columns), Float32Array.from(values)] as const;
  const matrix = SparseMatrix.fromTriples(SIZE + 1, SIZE + 1, ...triples);
  return new Interactions({ users: IdIndex.from(ids), items: IdIndex.from(ids), matrix });
}

export function checkerboards(subject: Subject): void {
  const board = checkerboard(subject.kind.ratings);

  test("what was left out of its own parity comes first, in both directions", async () => {
    const model = await fitted(subject, board);
    for (const question of QUESTIONS.filter((each) => !isSimilarity(each))) {
      for (let row = 0; row < SIZE; row++) {
        const list = ask(model, question, row, { count: 10_000 });
        expect(list[0]!.id).toBe(row);
        const scores = list.map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
        const all = ask(model, question, row, { count: SIZE / 2, filterSeen: false });
        expect(all.filter(({ id }) => (Number(id) + row) % 2 !== 0)).toEqual([]);
      }
      const lists = await askAll(model, question, { count: 1 });
      expect(lists.slice(0, SIZE).map(({ list }) => list[0]!.id)).toEqual([...new Array(SIZE).keys()]);
    }
  });

  test("those of a parity are like each other, themselves first; the empty ones like nobody", async () => {
    const model = await fitted(subject, board);
    for (const question of QUESTIONS.filter(isSimilarity)) {
      for (const metric of ["cosine", "euclidean"] as const) {
        for (let row = 0; row < SIZE; row++) {
          const list = ask(model, question, row, { count: SIZE / 2, filterSelf: false, metric });
          const own = list.find(({ id }) => id === row)!; // others may be as like it as rounding can tell
          expect(own.score).toBeGreaterThan(list[0]!.score - 1e-6);
          expect(list.length).toBe(SIZE / 2);
          expect(list.filter(({ id }) => (Number(id) + row) % 2 !== 0)).toEqual([]);
          const all = ask(model, question, row, { count: 10_000, metric });
          expect(all.filter(({ id }) => id === SIZE)).toEqual([]);
        }
        expect(ask(model, question, SIZE, { metric })).toEqual([]);
      }
    }
  });

  test("one who is folded in is told what the stored one is", async () => {
    const model = await fitted(subject, board);
    for (let row = 0; row < SIZE; row++) {
      const user = model.foldIn(historyOfUser(board, row));
      const item = model.foldInItem(historyOfItem(board, row));
      expect([model.recommend(user)[0]!.itemId, model.recommendUsers(item)[0]!.userId]).toEqual([row, row]);
      const others = Array.from({ length: SIZE }, (_, index) => index);
      const pairs = others.flatMap((other) => [
        [model.predict(user, other), model.predict(row, other)] as const,
        [model.predict(other, item), model.predict(other, row)] as const,
      ]);
      expect(Math.max(...pairs.map(([folded, stored]) => Math.abs(folded - stored)))).toBeLessThan(0.2);
    }
  });
}
