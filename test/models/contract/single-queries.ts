/** One question, one list: against all there is, looked at one by one. */
import { describe, expect, test } from "vitest";
import type { Id } from "../../../src/data/id-index.js";
import type { Model } from "../../../src/models/model.js";
import {
  type AskOptions,
  ask,
  expectedList,
  isSimilarity,
  type Listed,
  QUESTIONS,
  type Question,
  scoresOf,
  seenBy,
} from "./questions.js";
import { COLD, COLD_ITEMS, COLD_USERS, fitted, NAMED, type Subject } from "./subject.js";

const EVERYTHING = 10_000;
const METRICS = ["cosine", "dot", "euclidean"] as const;

/** Some of each side, the ends among them. */
export function someOf(question: Question): Id[] {
  const ids = NAMED[question.rows].toArray();
  return [0, 1, 6, 29, ids.length - 1].map((index) => ids[index]!);
}

/** Options that leave some out, alone and together. */
export function restrictions({ columns }: Question): AskOptions[] {
  const ids = NAMED[columns].toArray();
  const odd = ids.filter((_, index) => index % 2 === 1);
  return [
    {},
    { count: 1 },
    { count: 3 },
    { count: EVERYTHING },
    { exclude: [ids[3]!, ids[5]!, ids[3]!, "nobody"] },
    { exclude: ids },
    { include: odd, count: 7 },
    { include: [...odd].reverse(), count: EVERYTHING },
    { include: [] },
    { include: ["nobody"] },
    { include: ["nobody", ids[8]!, ids[2]!, ids[8]!] },
    { include: odd, exclude: odd.slice(3), count: EVERYTHING },
    { include: new Set(odd), exclude: new Set(odd) },
    { minimumScore: 1e9 },
    { minimumScore: -1e9 },
    { minimumScore: 1e300 },
    { minimumScore: -1e300 },
  ];
}

export function singleQueries(subject: Subject): void {
  for (const question of QUESTIONS) {
    describe(question.query, () => {
      if (isSimilarity(question)) similarities(subject, question);
      else recommendations(subject, question);
    });
  }

  test("what lies beyond the range keeps its order, with clipped scores", async () => {
    const clipped = await fitted(subject);
    const free = await fitted(subject, NAMED, { clip: false });
    for (const question of QUESTIONS.filter((each) => !isSimilarity(each))) {
      for (const id of someOf(question)) {
        const expected = ask(free, question, id, { count: EVERYTHING });
        const scores = scoresOf(clipped, question, id);
        const columns = clipped[question.columns];
        expect(ask(clipped, question, id, { count: EVERYTHING })).toEqual(
          expected.map((each) => ({ id: each.id, score: scores[columns.indexOf(each.id)] })),
        );
      }
    }
  });
}

function recommendations(subject: Subject, question: Question): void {
  const expected = (model: Model, id: Id, options: AskOptions, left: ReadonlySet<Id>): Listed[] =>
    expectedList(model[question.columns], scoresOf(model, question, id), options, left);

  test("the best of those not seen, ties by index, with the scores of predict to the last bit", async () => {
    const model = await fitted(subject, NAMED, { clip: false });
    for (const id of [...someOf(question), "nobody"]) {
      const seen = seenBy(NAMED, question, id);
      const all = ask(model, question, id, { count: EVERYTHING });
      expect(all.length).toBe(NAMED[question.columns].size - seen.size);
      if (id !== "nobody") expect(all).toEqual(expected(model, id, { count: EVERYTHING }, seen));
      for (const { id: other, score } of all) {
        const pair = question.rows === "users" ? ([id, other] as const) : ([other, id] as const);
        expect(score).toBe(model.predict(...pair));
        expect(seen.has(other)).toBe(false);
      }
      expect(ask(model, question, id)).toEqual(all.slice(0, 10));
    }
  });

  test("those seen too, with filterSeen: false", async () => {
    const model = await fitted(subject, NAMED, { clip: false });
    for (const id of someOf(question)) {
      const all = ask(model, question, id, { count: EVERYTHING, filterSeen: false });
      expect(all.length).toBe(NAMED[question.columns].size);
      expect(all).toEqual(expected(model, id, { count: EVERYTHING }, new Set()));
    }
  });

  test("only those that may come", async () => {
    const model = await fitted(subject, NAMED, { clip: false });
    for (const id of someOf(question)) {
      const seen = seenBy(NAMED, question, id);
      const middle = ask(model, question, id, { count: EVERYTHING, filterSeen: false })[5]!.score;
      const above = { minimumScore: middle, count: EVERYTHING };
      for (const options of [...restrictions(question), above, { ...above, exclude: [id] }]) {
        expect(ask(model, question, id, options)).toEqual(expected(model, id, options, seen));
        const unseen = { ...options, filterSeen: false };
        expect(ask(model, question, id, unseen)).toEqual(expected(model, id, options, new Set()));
      }
    }
  });

  test("a minimum that is clipped away", async () => {
    const model = await fitted(subject);
    const [id] = someOf(question);
    const scores = ask(model, question, id, { count: EVERYTHING, filterSeen: false }).map(({ score }) => score);
    for (const minimumScore of [NAMED.minimum, NAMED.maximum, scores[0]!, scores.at(-1)!]) {
      const list = ask(model, question, id, { count: EVERYTHING, filterSeen: false, minimumScore });
      expect(list.map(({ score }) => score)).toEqual(scores.filter((score) => score >= minimumScore));
    }
  });
}

function similarities(subject: Subject, question: Question): void {
  const cold = new Set(question.columns === "items" ? COLD_ITEMS : COLD_USERS);

  test("all that have been met, best first, each once, ties by index; itself left out", async () => {
    const model = await fitted(subject, COLD);
    const index = model[question.columns];
    for (const id of someOf(question)) {
      for (const metric of METRICS) {
        const all = ask(model, question, id, { count: EVERYTHING, metric, filterSelf: false });
        const isAlone = cold.has(String(id)) || !subject.kind.similar;
        expect(all.length).toBe(isAlone ? 0 : index.size - cold.size);
        expect(new Set(all.map((each) => each.id)).size).toBe(all.length);
        expect(all.filter((each) => cold.has(String(each.id)))).toEqual([]);
        const scores = Array.from(index, (each) => all.find((other) => other.id === each)?.score ?? Number.NaN);
        expect(all).toEqual(expectedList(index, scores, { count: EVERYTHING }));
        expect(ask(model, question, id, { metric })).toEqual(expectedList(index, scores, {}, new Set([id])));
      }
    }
  });

  test.runIf(subject.kind.similar)("itself first by cosine and distance; as like as the other way round", async () => {
    const model = await fitted(subject);
    const [one, other] = someOf(question);
    const scoreOf = (from: Id, to: Id, metric: (typeof METRICS)[number]): number =>
      ask(model, question, from, { include: [to], metric, filterSelf: false })[0]!.score;
    for (const metric of METRICS) {
      const own = scoreOf(one!, one!, metric);
      if (metric === "cosine") expect(own).toBeCloseTo(1, 6);
      if (metric === "euclidean") expect(own).toBe(0);
      if (metric === "dot") expect(own).toBeGreaterThan(0);
      expect(scoreOf(one!, other!, metric)).toBeCloseTo(scoreOf(other!, one!, metric), 5);
      if (metric === "dot") continue;
      const [first] = ask(model, question, one, { metric, filterSelf: false });
      expect(first).toEqual({ id: one, score: own });
    }
  });

  test("only those that may come", async () => {
    const model = await fitted(subject, COLD);
    const index = model[question.columns];
    for (const metric of METRICS) {
      for (const id of someOf(question)) {
        const all = ask(model, question, id, { count: EVERYTHING, metric, filterSelf: false });
        const scores = Array.from(index, (each) => all.find((other) => other.id === each)?.score ?? Number.NaN);
        const middles = all.length === 0 ? [] : [all[0]!, all[5]!, all.at(-1)!].map(({ score }) => score);
        const bounds = [...middles, 0, 1, -1].map((minimumScore) => ({ minimumScore, count: EVERYTHING }));
        for (const options of [...restrictions(question), ...bounds]) {
          const withSelf = ask(model, question, id, { ...options, metric, filterSelf: false });
          expect(withSelf).toEqual(expectedList(index, scores, options));
          expect(ask(model, question, id, { ...options, metric })).toEqual(
            expectedList(index, scores, options, new Set([id])),
          );
        }
      }
    }
  });
}
