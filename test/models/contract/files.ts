/** A file is the model: what comes out of it answers everything with the same bits, and goes on learning. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Id } from "../../../src/data/id-index.js";
import { Interactions } from "../../../src/data/interactions.js";
import { engine } from "../../../src/engine/engine.js";
import { type LoadedModel, type LoadOptions, load } from "../../../src/load.js";
import type { FoldedUser } from "../../../src/models/folded.js";
import type { Explanation, SaveOptions } from "../../../src/models/model.js";
import { ask, askAll, isSimilarity, QUESTIONS } from "./questions.js";
import {
  allPredictions,
  COLD,
  COLD_USERS,
  fitted,
  historyOfItem,
  historyOfUser,
  NAMED,
  type Subject,
} from "./subject.js";

const VISITOR = historyOfUser(COLD, "user-3");
const MORE = Interactions.fromObjects([{ userId: "user-61", itemId: "item-3", value: 4.5 }]);

/** Loads a model, which is disposed of at the end of the test. */
async function loaded(bytes: Uint8Array, options?: LoadOptions): Promise<LoadedModel> {
  const model = await load(bytes, options);
  onTestFinished(() => model.dispose());
  return model;
}

const saved = (subject: Subject): Promise<LoadedModel> => fitted(subject, COLD) as Promise<LoadedModel>;

/** Where a model tells it. */
const explained = (model: LoadedModel, user: Id | FoldedUser, item: Id): Explanation | undefined =>
  "explain" in model ? model.explain(user, item) : undefined;

/** What a visitor is told. */
function serving(model: LoadedModel) {
  const visitor = model.foldIn(VISITOR);
  return {
    recommended: model.recommend(visitor, { count: 10_000, exclude: ["item-2"] }),
    predicted: model.predict(visitor, "item-4"),
    explained: explained(model, visitor, "item-4"),
    alike: [...NAMED.items].map((item) => model.similarItems(item)),
    strangers: model.recommend("nobody"),
    empty: model.recommend(model.foldIn([])),
  };
}

/** All that a model can be asked. */
async function answers(model: LoadedModel) {
  const lists = QUESTIONS.flatMap((question) => {
    const ids = [...model[question.rows], "nobody"];
    const filter = isSimilarity(question) ? { metric: "euclidean" as const } : { filterSeen: false };
    return ids.map((id) => [ask(model, question, id), ask(model, question, id, { ...filter, count: 10_000 })]);
  });
  const many = await Promise.all(QUESTIONS.map((question) => askAll(model, question)));
  const knows = [...COLD.users.toArray().keys()].map((user) => model.knows(user, 3));
  const item = model.foldInItem(historyOfItem(COLD, "item-3"));
  return {
    ...serving(model),
    lists,
    many,
    knows,
    ofItem: model.recommendUsers(item),
    explained: [...model.users].map((user) => explained(model, user, "item-1")),
    predictions: [...allPredictions(model)],
    ids: [model.users.toArray(), model.items.toArray()],
    options: model.options,
    name: model.constructor.name,
  };
}

export function files(subject: Subject): void {
  test("every answer has the same bits", async () => {
    const model = await saved(subject);
    const again = await loaded(model.toBytes());
    expect(again).not.toBe(model);
    expect(again.constructor).toBe(model.constructor);
    expect(await answers(again)).toEqual(await answers(model));
    expect(again.toBytes()).toEqual(model.toBytes());
  });

  test("it goes on: partialFit, fit, dispose", async () => {
    const model = await saved(subject);
    const again = await loaded(model.toBytes());
    await model.partialFit(MORE);
    await again.partialFit(MORE);
    expect(await answers(again)).toEqual(await answers(model));
    expect(again.toBytes()).toEqual(model.toBytes());
    await model.fit(NAMED);
    await again.fit(NAMED);
    expect(await answers(again)).toEqual(await answers(model));
    again.dispose();
    expect(() => again.recommend("user-3")).toThrow("the model has been disposed");
  });

  test("the file has the bytes that toBytes gives", async () => {
    const model = await saved(subject);
    const folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "model.safetensors");
    for (const options of [{}, { float16: true }, { seen: false }, { users: false }] as SaveOptions[]) {
      await model.save(path, options);
      expect(Buffer.compare(readFileSync(path), model.toBytes(options))).toBe(0);
      expect(statSync(path).size).toBe(model.toBytes(options).length);
    }
    await model.save(path);
    const again = await load(path);
    onTestFinished(() => again.dispose());
    expect(serving(again)).toEqual(serving(model));
    await expect(model.save(path, { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
    expect(Buffer.compare(readFileSync(path), model.toBytes())).toBe(0);
  });

  test("half precision: smaller, and nearly the same predictions", async () => {
    const model = await saved(subject);
    const bytes = model.toBytes({ float16: true });
    expect(bytes.length).toBeLessThanOrEqual(model.toBytes().length);
    const again = await loaded(bytes);
    const [before, after] = [allPredictions(model), allPredictions(again)];
    const distance = Math.max(...before.map((score, at) => Math.abs(score - after[at]!)));
    expect(distance).toBeLessThan(0.005); // half a unit in the eleventh bit of each factor
    expect(distance > 0).toBe(subject.kind.personalised);
    expect(again.toBytes({ float16: true })).toEqual(bytes);
  });

  describe("without", () => parts(subject));

  test("options are checked", async () => {
    const model = await saved(subject);
    for (const [options, message] of [
      [{ float16: 1 }, "float16 must be true or false, got 1"],
      [{ seen: "no" }, 'seen must be true or false, got "no"'],
      [{ users: null }, "users must be true or false, got null"],
      [{ sean: false }, 'save: unknown option "sean"; did you mean "seen"?'],
    ] as const) {
      expect(() => model.toBytes(options as never)).toThrow(new TypeError(message));
      await expect(model.save("/nowhere/x.safetensors", options as never)).rejects.toThrow(new TypeError(message));
    }
    const bytes = model.toBytes();
    await expect(load(bytes, { users: 0 as never })).rejects.toThrow(
      new TypeError("users must be true or false, got 0"),
    );
    const misspelt = new TypeError('load: unknown option "user"; did you mean "users"?');
    await expect(load(bytes, { user: false } as never)).rejects.toThrow(misspelt);
    expect(() => subject.create({}).toBytes()).toThrow("the model has not been fitted; call fit first");
    await expect(subject.create({}).save("/nowhere/x")).rejects.toThrow(
      "the model has not been fitted; call fit first",
    );
  });

  test("loading and disposing, at constant memory", async () => {
    const model = await saved(subject);
    const bytes = model.toBytes();
    const before = engine().arena.bytesInUse;
    for (let time = 0; time < 10; time++) (await load(bytes)).dispose();
    expect(engine().arena.bytesInUse).toBe(before);
  });
}

function parts(subject: Subject): void {
  test("what has been seen: nothing is left out, partialFit and explain say what they lack", async () => {
    const model = await saved(subject);
    const again = await loaded(model.toBytes({ seen: false }));
    expect([...allPredictions(again)]).toEqual([...allPredictions(model)]);
    for (const question of QUESTIONS.filter((each) => !isSimilarity(each))) {
      for (const id of [...model[question.rows]].slice(0, 10)) {
        expect(ask(again, question, id)).toEqual(ask(model, question, id, { filterSeen: false }));
      }
    }
    expect(serving(again)).toEqual(serving(model));
    expect(again.recommend(COLD_USERS[0]!)).toEqual(model.recommend(COLD_USERS[0]!)); // counts are kept
    await expect(again.partialFit(MORE)).rejects.toThrow("partialFit needs the training interactions");
    const explain = () => explained(again, "user-3", "item-4");
    if (subject.kind.explains) expect(explain).toThrow("the model has no training interactions to explain by");
    expect(again.toBytes()).toEqual(model.toBytes({ seen: false }));
  });

  test("users: visitors are told the same, in the file and in loading", async () => {
    const model = await saved(subject);
    const full = model.toBytes();
    const small = model.toBytes({ users: false });
    expect(small.length).toBeLessThan(full.length);
    for (const again of [
      await loaded(small),
      await loaded(full, { users: false }),
      await loaded(small, { users: false }),
    ]) {
      expect(serving(again)).toEqual(serving(model));
      expect(again.users.size).toBe(0);
      expect(again.predict("user-3", "item-4")).toBe(model.predict("nobody", "item-4"));
      expect(again.recommend("user-3")).toEqual(model.recommend("nobody"));
      expect([again.recommendUsers("item-4"), again.similarUsers("user-3")]).toEqual([[], []]);
      expect(await askAll(again, QUESTIONS[0]!)).toEqual([]);
      const ofUsers = (await askAll(again, QUESTIONS[1]!)).map(({ list }) => list);
      expect(ofUsers).toEqual(new Array(again.items.size).fill([]));
      expect(await askAll(again, QUESTIONS[2]!)).toEqual(await askAll(model, QUESTIONS[2]!));
      expect(() => again.foldInItem([{ userId: "user-3" }])).toThrow("history[0].userId must be known to the model");
      await expect(again.partialFit(MORE)).rejects.toThrow("partialFit needs the training interactions");
      expect(again.toBytes({ users: false })).toEqual(small);
      expect(serving(await loaded(again.toBytes()))).toEqual(serving(model));
      await again.fit(COLD);
      expect(again.recommend("user-3")).toEqual(model.recommend("user-3"));
    }
  });
}
