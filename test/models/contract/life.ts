/** From fit to dispose: memory that comes back to the byte, and no use of what is gone. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Interactions } from "../../../src/data/interactions.js";
import { engine } from "../../../src/engine/engine.js";
import type { Model } from "../../../src/models/model.js";
import { batchesOf } from "./many-queries.js";
import { ask, askAll, type ListOf, listsOf, QUESTIONS, type Question } from "./questions.js";
import { allPredictions, COLD, fitted, NAMED, type Subject } from "./subject.js";

/** Everything that can be done with a fitted model, each answer ready to be compared. */
function uses(model: Model, more: Interactions): Record<string, () => unknown> {
  const asking = QUESTIONS.flatMap((question): [string, () => unknown][] => [
    [question.query, () => ask(model, question, question.rows === "users" ? "user-3" : "item-3")],
    [question.all, () => askAll(model, question)],
    [`inBatches of ${question.query}`, () => firstOf(model, question)],
  ]);
  return {
    users: () => model.users,
    items: () => model.items,
    predict: () => model.predict("user-3", "item-3"),
    predictMany: () => model.predictMany(["user-3"], ["item-3"]),
    predictIndices: () => model.predictIndices(Uint32Array.of(3), Uint32Array.of(3)),
    knows: () => model.knows(3, 3),
    ...Object.fromEntries(asking),
    foldIn: () => model.foldIn([{ itemId: "item-3" }]).size,
    foldInItem: () => model.foldInItem([{ userId: "user-3" }]).size,
    partialFit: () => model.partialFit(more),
  };
}

/** The lists of the first batch, the loop being left then. */
async function firstOf(model: Model, question: Question): Promise<ListOf[]> {
  const columns = model[question.columns];
  for await (const batch of batchesOf(model, question)) return listsOf(columns, batch);
  return [];
}

/** What a use throws or rejects with. */
async function failureOf(use: () => unknown): Promise<unknown> {
  try {
    await use();
  } catch (error) {
    return error;
  }
  return "nothing";
}

export function life(subject: Subject): void {
  test("nothing can be asked before a fit", async () => {
    const model = subject.create({});
    onTestFinished(() => model.dispose());
    for (const [name, use] of Object.entries(uses(model, NAMED))) {
      expect([name, await failureOf(use)]).toEqual([name, new Error("the model has not been fitted; call fit first")]);
    }
  });

  test("nothing can be asked after dispose, and nothing be kept", async () => {
    const before = engine().arena.bytesInUse;
    const model = await fitted(subject);
    const all = { ...uses(model, NAMED), fit: () => model.fit(NAMED) };
    const files = { toBytes: () => model.toBytes(), save: () => model.save("/nowhere/x.safetensors") };
    for (const use of Object.values(uses(model, NAMED))) await use();
    model.dispose();
    model.dispose();
    for (const [name, use] of Object.entries(subject.kind.files ? { ...all, ...files } : all)) {
      expect([name, await failureOf(use)]).toEqual([name, new Error("the model has been disposed")]);
    }
    expect(engine().arena.bytesInUse).toBe(before);
  });

  test("a thousand questions and thirty lives, at constant memory", async () => {
    const before = engine().arena.bytesInUse;
    const capacities: number[] = [];
    for (let time = 0; time < 30; time++) {
      const model = await subject.create({}).fit(NAMED);
      const { bytesInUse } = engine().arena;
      for (const [name, use] of Object.entries(uses(model, NAMED))) if (name !== "partialFit") await use();
      expect(engine().arena.bytesInUse).toBe(bytesInUse);
      model.dispose();
      expect(engine().arena.bytesInUse).toBe(before);
      capacities.push(engine().arena.capacity);
    }
    expect(capacities.at(-1)).toBe(capacities[5]);
  });

  describe("dispose at work", () => disposedAtWork(subject));
  describe("two models", () => together(subject));
}

function disposedAtWork(subject: Subject): void {
  for (const question of QUESTIONS) {
    test(`${question.all} ends well, and what it used is given back then`, async () => {
      const before = engine().arena.bytesInUse;
      const model = await fitted(subject);
      const columns = model[question.columns];
      const expected = await askAll(model, question, { count: 4 });
      const asking = model[question.all]({ count: 4, batchSize: 7 });
      model.dispose();
      expect(listsOf(columns, await asking)).toEqual(expected);
      expect(engine().arena.bytesInUse).toBe(before);
    });

    test(`inBatches of ${question.query}, begun and not begun`, async () => {
      const before = engine().arena.bytesInUse;
      const model = await fitted(subject);
      const columns = model[question.columns];
      const expected = await askAll(model, question, { count: 4 });
      const [begun, notBegun] = [1, 2].map(() => batchesOf(model, question, { count: 4, batchSize: 7 }));
      const first = await begun!.next();
      model.dispose();
      const other = await fitted(subject, COLD); // where the first one was
      const lists = listsOf(columns, first.value!);
      for await (const batch of begun!) lists.push(...listsOf(columns, batch));
      expect(lists).toEqual(expected);
      expect(await failureOf(() => notBegun!.next())).toEqual(new Error("the model has been disposed"));
      other.dispose();
      expect(engine().arena.bytesInUse).toBe(before);
    });
  }

  test("inBatches not begun before another fit", async () => {
    const model = await fitted(subject);
    const [question] = QUESTIONS;
    const batches = batchesOf(model, question!);
    await model.fit(COLD);
    const failure = await failureOf(() => batches.next());
    expect(String(failure)).toContain("the model was fitted");
  });
}

function together(subject: Subject): void {
  test("one answers while the other learns", async () => {
    const model = await fitted(subject);
    const alone = [...Object.entries(uses(model, NAMED))].filter(([name]) => name !== "partialFit");
    const expected = new Map<string, unknown>();
    for (const [name, use] of alone) expected.set(name, await use());
    const other = subject.create({});
    onTestFinished(() => other.dispose());
    let isFitting = true;
    const fitting = other.fit(NAMED).finally(() => (isFitting = false));
    let rounds = 0;
    do {
      for (const [name, use] of alone) expect([name, await use()]).toEqual([name, expected.get(name)]);
      rounds++;
    } while (isFitting && rounds < 20);
    await fitting;
    expect(allPredictions(other)).toEqual(allPredictions(model));
  });

  test("many questions at once", async () => {
    const model = await fitted(subject);
    const expected = await Promise.all(QUESTIONS.map((question) => askAll(model, question)));
    const rounds = await Promise.all(
      Array.from({ length: 12 }, (_, at) => askAll(model, QUESTIONS[at % 4]!, { batchSize: 1 + at })),
    );
    rounds.forEach((lists, at) => {
      expect(lists).toEqual(expected[at % 4]);
    });
  });
}
