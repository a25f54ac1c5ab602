/** Users and items without interactions, and those that the model has never met: an answer to everything, and never NaN. */
import { describe, expect, test } from "vitest";
import type { Id } from "../../../src/data/id-index.js";
import { UNKNOWN_INDEX } from "../../../src/engine/kernels.js";
import type { Model } from "../../../src/models/model.js";
import { ask, askAll, expectedList, isSimilarity, QUESTIONS, type Question, scoresOf } from "./questions.js";
import { COLD, COLD_ITEMS, COLD_USERS, fitted, type Subject } from "./subject.js";

/** Of one side, all of whom nothing is known: those without interactions, and a stranger. */
const coldOf = ({ rows }: Question): Id[] => [...(rows === "users" ? COLD_USERS : COLD_ITEMS), "nobody"];

/** How many interactions each of a side has. */
function popularityOf(side: "users" | "items"): number[] {
  const matrix = side === "users" ? COLD.matrix : COLD.transposed;
  return Array.from({ length: matrix.numRows }, (_, row) => matrix.rowLength(row));
}

export function cold(subject: Subject): void {
  test("predict: by what is known of the other one", async () => {
    const model = await fitted(subject, COLD);
    for (const user of ["user-1", ...coldOf(QUESTIONS[0]!)]) {
      for (const item of ["item-1", ...coldOf(QUESTIONS[1]!)]) {
        const asStrangers = [COLD_USERS.includes(user as string) ? "nobody" : user, item] as const;
        const score = model.predict(user, item);
        expect(Number.isFinite(score)).toBe(true);
        expect(score).toBe(model.predict(...asStrangers));
        expect(model.predictMany([user], [item])).toEqual(Float32Array.of(score));
        const indices = [model.users.indexOf(user), model.items.indexOf(item)] as const; // −1 is UNKNOWN_INDEX there
        expect(model.predictIndices(Uint32Array.of(indices[0]), Uint32Array.of(indices[1]))[0]).toBe(score);
        expect(model.knows(indices[0] >>> 0, indices[1] >>> 0)).toBe(user === "user-1" && item === "item-1");
      }
    }
    expect(model.predict("nobody", "nothing")).toBe(model.predict(COLD_USERS[0]!, COLD_ITEMS[1]!));
    if (subject.kind.ratings) expect(model.predict("nobody", "nothing")).toBeCloseTo(COLD.mean, 5);
  });

  test("predictIndices: no index beyond the model's", async () => {
    const model = await fitted(subject, COLD);
    const [known, beyond] = [Uint32Array.of(3, UNKNOWN_INDEX), Uint32Array.of(3, 60)];
    const rule = (name: string, size: number): RangeError =>
      new RangeError(`${name}[1] must be a whole number in [0, ${size}), or 2^32 − 1 for an unknown one, got 60`);
    expect(() => model.predictIndices(beyond, known)).toThrow(rule("userIndices", 60));
    expect(() => model.predictIndices(known, beyond)).toThrow(rule("itemIndices", 40));
  });

  for (const question of QUESTIONS) {
    describe(question.query, () => {
      if (isSimilarity(question)) alone(subject, question);
      else ranked(subject, question);
      strangers(subject, question);
    });
  }
}

function ranked(subject: Subject, question: Question): void {
  const { rows, columns } = question;
  test(`by ${subject.kind.biases ? "biases" : "popularity"}, and alike for all of them`, async () => {
    const model = await fitted(subject, COLD, { clip: false });
    const scores = scoresOf(model, question, "nobody");
    expect(new Set(scores).size > 1).toBe(subject.kind.biases);
    const order = subject.kind.biases ? scores : popularityOf(columns);
    const places = expectedList(model[columns], order, { count: 10_000 });
    const expected = places.map(({ id }) => ({ id, score: scores[model[columns].indexOf(id)]! }));
    const [excluded, included] = [expected[1]!.id, expected.slice(0, 9).map(({ id }) => id)];
    for (const id of coldOf(question)) {
      expect(ask(model, question, id, { count: 10_000 })).toEqual(expected);
      expect(ask(model, question, id, { filterSeen: false })).toEqual(expected.slice(0, 10));
      const some = { exclude: [excluded], include: included, count: 5 };
      expect(ask(model, question, id, some)).toEqual([expected[0], ...expected.slice(2, 6)]);
      const { score } = expected[3]!;
      const good = expected.filter((each) => each.score >= score);
      expect(ask(model, question, id, { minimumScore: score, count: 10_000 })).toEqual(good);
      expect(ask(model, question, id, { minimumScore: expected[0]!.score + 1 })).toEqual([]);
    }
    const met = { [rows]: coldOf(question).slice(0, -1), count: 6 };
    for (const { list } of await askAll(model, question, met)) expect(list).toEqual(expected.slice(0, 6));
    for (const { list } of await askAll(model, question, { ...met, exclude: [excluded] })) {
      expect(list).toEqual([expected[0], ...expected.slice(2, 7)]);
    }
  });
}

function alone(subject: Subject, question: Question): void {
  test("like nobody", async () => {
    const model = await fitted(subject, COLD);
    for (const metric of ["cosine", "dot", "euclidean"] as const) {
      for (const id of coldOf(question)) {
        expect(ask(model, question, id, { metric, filterSelf: false, count: 10_000 })).toEqual([]);
      }
      const lists = await askAll(model, question, { [question.rows]: coldOf(question).slice(0, -1), metric });
      expect(lists.map(({ list }) => list)).toEqual([[], []]);
    }
  });
}

function strangers(subject: Subject, question: Question): void {
  const name = question.rows === "users" ? "userId" : "itemId";
  const near = question.rows === "users" ? "user-2" : "item-2";
  const typo = near.replace("-", "");

  test('an error, if unknown is "error"', async () => {
    const model = await fitted(subject, COLD);
    const message = `${name} must be known to the model, got "${typo}"; did you mean "${near}"`;
    expect(() => ask(model, question, typo, { unknown: "error" })).toThrow(RangeError);
    expect(() => ask(model, question, typo, { unknown: "error" })).toThrow(message);
    expect(ask(model, question, near, { unknown: "error" })).toEqual(ask(model, question, near));
    const pair = (id: Id): Parameters<Model["predict"]> => [
      name === "userId" ? id : "user-1",
      name === "userId" ? "item-1" : id,
    ];
    expect(() => model.predict(...(pair(typo) as [Id, Id]), { unknown: "error" })).toThrow(message);
    expect(model.predict(...(pair(near) as [Id, Id]), { unknown: "error" })).toBe(
      model.predict(...(pair(near) as [Id, Id])),
    );
  });

  test("in include: they cannot come, or are an error if told so; in exclude they change nothing", async () => {
    const model = await fitted(subject, COLD);
    const include = [model[question.columns].idAt(0), "smoething"];
    expect(ask(model, question, near, { include: include.slice(1) })).toEqual([]);
    const message = 'include[1] must be known to the model, got "smoething"';
    expect(() => ask(model, question, near, { include, unknown: "error" })).toThrow(message);
    await expect(askAll(model, question, { include, unknown: "error" })).rejects.toThrow(message);
    const excluded = ask(model, question, near, { exclude: ["smoething"], unknown: "error" });
    expect(excluded).toEqual(ask(model, question, near));
  });
}
