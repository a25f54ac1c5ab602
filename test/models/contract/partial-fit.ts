/** Learning from more without starting over. */
import { describe, expect, onTestFinished, test } from "vitest";
import { Interactions } from "../../../src/data/interactions.js";
import { engine } from "../../../src/engine/engine.js";
import type { Model } from "../../../src/models/model.js";
import { ask, QUESTIONS } from "./questions.js";
import { allPredictions, fitted, MEDIUM, NAMED, type Subject } from "./subject.js";

/** A new user and a new item, a new pair of an old user with an old item, and two pairs that change. */
const MORE = Interactions.fromObjects([
  { userId: "user-61", itemId: "item-3", value: 4.5 },
  { userId: "user-61", itemId: "item-41", value: 5 },
  { userId: "user-2", itemId: "item-41", value: 1 },
  { userId: "user-61", itemId: "item-8", value: 2 },
  ...[...NAMED].slice(0, 2).map(({ userId, itemId, value }) => ({ userId, itemId, value: value === 5 ? 1 : 5 })),
]);
const CHANGED = [...MORE].slice(-2); // both of one user

const TOUCHED = {
  users: new Set([...MORE].map(({ userId }) => userId)),
  items: new Set([...MORE].map((e) => e.itemId)),
};

export function partialFits(subject: Subject): void {
  describe("what it learns", () => learning(subject));
  describe("what it leaves alone", () => untouched(subject));
  describe("what goes wrong", () => failures(subject));
}

function learning(subject: Subject): void {
  test("new ones stand behind the old ones, and are known", async () => {
    const model = await fitted(subject);
    expect(await model.partialFit(MORE)).toBe(model);
    expect(model.users.toArray()).toEqual([...NAMED.users, "user-61"]);
    expect(model.items.toArray()).toEqual([...NAMED.items, "item-41"]);
    expect(model.knows(60, 40)).toBe(true);
    for (const question of QUESTIONS) {
      const [user, item] = ["user-61", "item-41"];
      const list = ask(model, question, question.rows === "users" ? user : item, { count: 10_000 });
      const others = [...MORE].filter(({ userId, itemId }) => userId === user || itemId === item);
      const seen = others.map(({ userId, itemId }) => (question.rows === "users" ? itemId : userId));
      if (question.rows === question.columns) expect(list.length > 0).toBe(subject.kind.similar);
      else expect(list.filter(({ id }) => seen.includes(id))).toEqual([]);
      expect(list.every(({ score }) => Number.isFinite(score))).toBe(true);
    }
    expect(model.recommend("user-2").some(({ itemId }) => itemId === "item-41")).toBe(false);
  });

  test.runIf(subject.kind.ratings && subject.kind.biases)("a pair that was there takes its new value", async () => {
    const model = await fitted(subject);
    const before = CHANGED.map(({ userId, itemId }) => model.predict(userId, itemId));
    await model.partialFit(MORE);
    const numSeen = model.items.size - model.recommend(CHANGED[0]!.userId, { count: 10_000 }).length;
    const ofUser = new Set([...NAMED, ...MORE].filter((e) => e.userId === CHANGED[0]!.userId).map((e) => e.itemId));
    expect(numSeen).toBe(ofUser.size);
    CHANGED.forEach(({ userId, itemId, value }, at) => {
      const after = model.predict(userId, itemId);
      expect(Math.abs(after - value)).toBeLessThan(Math.abs(before[at]! - value));
    });
  });

  test.runIf(subject.kind.ratings && subject.kind.biases)("values beyond the range so far widen it", async () => {
    const model = await fitted(subject);
    expect(Math.max(...allPredictions(model))).toBeLessThanOrEqual(NAMED.maximum);
    const rated = [...NAMED.items].slice(0, 20).map((itemId) => ({ userId: "fan", itemId, value: 9 }));
    await model.partialFit(Interactions.fromObjects(rated));
    const scores = model.recommend("fan", { filterSeen: false }).map(({ score }) => score);
    expect(Math.max(...scores)).toBeGreaterThan(NAMED.maximum + 1);
    expect(Math.max(...scores)).toBeLessThanOrEqual(9);
  });

  test("of the other part of a split", async () => {
    const { train, test: rest } = NAMED.split({ testFraction: 0.1, seed: 4 });
    const model = await fitted(subject, train);
    await model.partialFit(rest);
    expect([model.users, model.items]).toEqual([NAMED.users, NAMED.items]);
    for (const question of QUESTIONS.slice(0, 2)) {
      for (const id of model[question.rows]) {
        const matrix = question.rows === "users" ? NAMED.matrix : NAMED.transposed;
        const numSeen = matrix.rowLength(model[question.rows].indexOf(id));
        const numUnseen = model[question.columns].size - numSeen;
        expect(ask(model, question, id, { count: 10_000 }).length).toBe(numUnseen);
      }
    }
  });

  test("ids without interactions stay unknown", async () => {
    const model = await fitted(subject);
    const [first] = MORE.folds(6, { seed: 1 });
    await model.partialFit(first!.test); // one pair, of ids of all
    const [{ userId, itemId } = { userId: "", itemId: "" }] = [...first!.test];
    expect(model.users.size).toBe(new Set([...NAMED.users, userId]).size);
    expect(model.items.size).toBe(new Set([...NAMED.items, itemId]).size);
  });

  test("again and again, at constant memory", async () => {
    const model = await fitted(subject);
    await model.partialFit(MORE);
    const before = engine().arena.bytesInUse;
    for (let time = 0; time < 10; time++) await model.partialFit(MORE);
    expect(engine().arena.bytesInUse).toBe(before);
    expect(allPredictions(model).every(Number.isFinite)).toBe(true);
  });
}

function untouched(subject: Subject): void {
  test.runIf(subject.kind.independentRows)("rows without anything new keep their bits", async () => {
    const model = await fitted(subject);
    const pairs = [...NAMED.users].flatMap((user) => [...NAMED.items].map((item) => [user, item] as const));
    const before = pairs.map(([user, item]) => model.predict(user, item));
    await model.partialFit(MORE);
    const after = pairs.map(([user, item]) => model.predict(user, item));
    const isTouched = pairs.map(([user, item]) => TOUCHED.users.has(user) || TOUCHED.items.has(item));
    const changed = pairs.map((_, at) => !Object.is(after[at], before[at]));
    expect(pairs.filter((_, at) => changed[at] && !isTouched[at])).toEqual([]);
    expect(changed.includes(true)).toBe(subject.kind.personalised || subject.kind.biases);
  });

  test("the same bits on any number of threads", async () => {
    const { train, test: rest } = MEDIUM.split({ testFraction: 0.1, seed: 4 });
    const bits = async (threads: number): Promise<Buffer> => {
      const model = await fitted(subject, train, { threads });
      await model.partialFit(rest);
      return Buffer.from(allPredictions(model).buffer);
    };
    const one = await bits(1);
    for (const threads of [2, 3, 5, 7]) expect(one.equals(await bits(threads))).toBe(true);
  });
}

function failures(subject: Subject): void {
  /** What must be the same before and after. */
  const stateOf = (model: Model) => ({
    predictions: [...allPredictions(model)],
    users: model.users,
    items: model.items,
    list: model.recommend("user-3"),
    bytesInUse: engine().arena.bytesInUse,
  });

  test("aborted: it rejects with the reason, and the model is as it was", async () => {
    const model = await fitted(subject);
    const before = stateOf(model);
    await expect(model.partialFit(MORE, { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
    expect(stateOf(model)).toEqual(before);
  });

  test("aborted at work", async () => {
    const model = await fitted(subject, MEDIUM);
    const before = engine().arena.bytesInUse;
    const predictions = allPredictions(model);
    for (const turns of [0, 1, 2, 5]) {
      const controller = new AbortController();
      const learning = model.partialFit(MEDIUM, { signal: controller.signal }).then(
        () => "done before",
        (reason) => reason,
      );
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      controller.abort("enough");
      const outcome = await learning;
      if (outcome === "done before") break; // a fast one
      expect(outcome).toBe("enough");
      expect(engine().arena.bytesInUse).toBe(before);
      expect(allPredictions(model)).toEqual(predictions);
    }
  });

  test("fitted meanwhile: the fit wins", async () => {
    const model = await fitted(subject);
    const learning = model.partialFit(MORE);
    const [fit, partial] = await Promise.allSettled([model.fit(NAMED), learning]);
    expect(fit.status).toBe("fulfilled");
    if (partial.status === "rejected") {
      expect(partial.reason.message).toBe("the model was fitted while partialFit was at work");
    }
    expect(model.users.size).toBe(60);
    const { bytesInUse } = engine().arena;
    await model.fit(NAMED);
    expect(engine().arena.bytesInUse).toBe(bytesInUse);
  });

  test("two at once: the one that ends first wins", async () => {
    const model = await fitted(subject);
    const outcomes = await Promise.allSettled([model.partialFit(MORE), model.partialFit(MORE)]);
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1);
    const [lost] = outcomes.filter((each) => each.status === "rejected");
    expect(lost!.reason.message).toBe("the model was fitted while partialFit was at work");
    expect(model.users.size).toBe(61);
  });

  test("disposed of meanwhile: it rejects and leaves nothing behind", async () => {
    const before = engine().arena.bytesInUse;
    const model = await fitted(subject);
    const learning = model.partialFit(MORE);
    model.dispose();
    await expect(learning).rejects.toThrow("the model has been disposed");
    expect(engine().arena.bytesInUse).toBe(before);
  });

  test.each([
    [[null], TypeError, "more must be Interactions, got null"],
    [[[1]], TypeError, "more must be Interactions, got an array of 1"],
    [[Interactions.fromObjects([])], RangeError, "more must have at least one interaction, got 0"],
    [[MORE, { signl: 1 }], TypeError, 'partialFit: unknown option "signl"; did you mean "signal"?'],
    [[MORE, { signal: 1 }], TypeError, "signal must be an AbortSignal, got 1"],
  ] as const)("bad arguments are told: %#", async (args, Class, message) => {
    const model = await fitted(subject);
    await expect(model.partialFit(...(args as never as [Interactions]))).rejects.toThrow(new Class(message));
  });

  test("before a fit", async () => {
    const model = subject.create({});
    onTestFinished(() => model.dispose());
    await expect(model.partialFit(MORE)).rejects.toThrow("the model has not been fitted; call fit first");
  });
}
