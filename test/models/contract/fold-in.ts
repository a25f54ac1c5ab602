/** A user, or an item, that the model was not trained on, from what they did. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Id } from "../../../src/data/id-index.js";
import { Interactions } from "../../../src/data/interactions.js";
import { engine } from "../../../src/engine/engine.js";
import { FoldedItem, FoldedUser } from "../../../src/models/folded.js";
import type { Model } from "../../../src/models/model.js";
import {
  type AskOptions,
  ask,
  expectedList,
  isSimilarity,
  QUESTIONS,
  type Question,
  scoresOf,
  seenBy,
} from "./questions.js";
import { fitted, historyOfItem, historyOfUser, MEDIUM, NAMED, type Subject } from "./subject.js";

/** One who is folded in from the history of somebody in the data. */
export function foldedLike(model: Model, data: Interactions, side: "users" | "items", id: Id): FoldedUser | FoldedItem {
  return side === "users" ? model.foldIn(historyOfUser(data, id)) : model.foldInItem(historyOfItem(data, id));
}

/** The predictions for one who may be folded in, by column. */
function scoresOfFolded(model: Model, { rows, columns }: Question, who: unknown): Float32Array {
  const others = model[columns].toArray();
  const same = new Array<Id>(others.length).fill(who as Id); // or a folded one
  return rows === "users" ? model.predictMany(same, others) : model.predictMany(others, same);
}

export function foldIn(subject: Subject): void {
  describe("likeness to those who were trained on", () => nearness(subject));
  describe("a handle", () => handles(subject));
  describe("a history", () => histories(subject));
}

function nearness(subject: Subject): void {
  const { sameOfTen, rmse } = subject.kind.foldIn;
  const best = QUESTIONS.filter((question) => !isSimilarity(question));

  for (const question of best) {
    test(`from their own history: ${question.query}`, async () => {
      const model = await fitted(subject, MEDIUM);
      const { rows, columns } = question;
      let [same, all, squares] = [0, 0, 0];
      for (const id of MEDIUM[rows]) {
        const folded = foldedLike(model, MEDIUM, rows, id);
        const stored = new Set(ask(model, question, id).map((each) => each.id));
        same += ask(model, question, folded).filter((each) => stored.has(each.id)).length;
        all += stored.size;
        const [ofFolded, ofStored] = [scoresOfFolded(model, question, folded), scoresOf(model, question, id)];
        squares += ofFolded.reduce((sum, score, column) => sum + (score - ofStored[column]!) ** 2, 0);
      }
      expect((10 * same) / all).toBeGreaterThanOrEqual(sameOfTen);
      expect(Math.sqrt(squares / (MEDIUM[rows].size * MEDIUM[columns].size))).toBeLessThanOrEqual(rmse);
    });
  }

  test("the same bits each time, in any order of the questions", async () => {
    const model = await fitted(subject);
    for (const question of best) {
      for (const id of NAMED[question.rows].toArray().slice(0, 10)) {
        const [one, other] = [1, 2].map(() => foldedLike(model, NAMED, question.rows, id));
        expect(scoresOfFolded(model, question, one)).toEqual(scoresOfFolded(model, question, other));
        expect(ask(model, question, one)).toEqual(ask(model, question, other));
      }
    }
  });
}

function handles(subject: Subject): void {
  for (const question of QUESTIONS) {
    test(`goes where an id goes: ${question.query}`, async () => {
      const model = await fitted(subject, NAMED, { clip: false });
      const { rows, columns } = question;
      const index = model[columns];
      for (const id of [...model[rows]].slice(0, 8)) {
        const who = foldedLike(model, NAMED, rows, id);
        const own = seenBy(NAMED, question, id);
        expect(who.size).toBe(own.size);
        const all = ask(model, question, who, {
          count: 10_000,
          ...(isSimilarity(question) ? {} : { filterSeen: false }),
        });
        if (!isSimilarity(question)) {
          const one = model[columns].idAt(4);
          const score =
            rows === "users" ? model.predict(who as FoldedUser, one) : model.predict(one, who as FoldedItem);
          expect(scoresOfFolded(model, question, who)[4]).toBe(score);
        }
        const scores = isSimilarity(question)
          ? Array.from(index, (each) => all.find((found) => found.id === each)?.score ?? Number.NaN)
          : scoresOfFolded(model, question, who);
        expect(all).toEqual(expectedList(index, scores, { count: 10_000 }));
        const left = isSimilarity(question) ? new Set<Id>() : own;
        const variants: AskOptions[] = [
          {},
          { count: 3 },
          { exclude: [index.idAt(1)] },
          { include: [...index].slice(5) },
        ];
        for (const options of [...variants, { minimumScore: all[3]?.score ?? 0 }]) {
          expect(ask(model, question, who, options)).toEqual(expectedList(index, scores, options, left));
        }
      }
    });
  }

  test("of a user with one of an item", async () => {
    const model = await fitted(subject);
    const user = model.foldIn(historyOfUser(NAMED, "user-3"));
    const item = model.foldInItem(historyOfItem(NAMED, "item-5"));
    const { rmse } = subject.kind.foldIn;
    const scores = [model.predict(user, item), model.predict(user, "item-5"), model.predict("user-3", item)];
    for (const score of scores)
      expect(Math.abs(score - model.predict("user-3", "item-5"))).toBeLessThan(20 * rmse + 1e-4);
    expect(user).toBeInstanceOf(FoldedUser);
    expect(item).toBeInstanceOf(FoldedItem);
  });

  test("leaves the model and the engine's memory as they were", async () => {
    const model = await fitted(subject);
    const before = [engine().arena.bytesInUse, ask(model, QUESTIONS[0]!, "user-3")];
    for (const id of NAMED.users) model.recommend(model.foldIn(historyOfUser(NAMED, id)));
    expect([engine().arena.bytesInUse, ask(model, QUESTIONS[0]!, "user-3")]).toEqual(before);
  });

  test("is not one of the other side, nor anything else", async () => {
    const model = await fitted(subject);
    const user = model.foldIn([{ itemId: "item-1" }]) as never;
    const item = model.foldInItem([{ userId: "user-1" }]) as never;
    const userRule = "user must be an id or the result of foldIn, got";
    const itemRule = "item must be an id or the result of foldInItem, got";
    expect(() => model.predict(item, "item-1")).toThrow(new TypeError(`${userRule} an object of class FoldedItem`));
    expect(() => model.predict("user-1", user)).toThrow(new TypeError(`${itemRule} an object of class FoldedUser`));
    for (const question of QUESTIONS) {
      const wrong = question.rows === "users" ? item : user;
      const rule = question.rows === "users" ? userRule : itemRule;
      for (const [who, shown] of [
        [wrong, `an object of class ${question.rows === "users" ? "FoldedItem" : "FoldedUser"}`],
        [null, "null"],
        [undefined, "undefined"],
        [{}, "an object"],
        [["user-1"], "an array of 1"],
        [true, "true"],
      ] as const) {
        expect(() => ask(model, question, who)).toThrow(new TypeError(`${rule} ${shown}`));
      }
      const name = question.rows === "users" ? "userId" : "itemId";
      for (const [id, shown] of [
        ["", '""'],
        [Number.NaN, "NaN"],
        [Infinity, "Infinity"],
      ]) {
        const message = `${name} must be a non-empty string or a finite number, got ${shown}`;
        expect(() => ask(model, question, id)).toThrow(new RangeError(message));
      }
    }
    await expect(model.recommendAll({ users: [user] })).rejects.toThrow(
      new TypeError("users[0] must be a non-empty string or a finite number, got an object of class FoldedUser"),
    );
  });

  test("is of one model, as it was then", async () => {
    const model = await fitted(subject);
    const other = await fitted(subject);
    const message = "was folded into another model, or into this one before it was fitted again; fold it in anew";
    const [user, item] = [model.foldIn([{ itemId: "item-1" }]), model.foldInItem([{ userId: "user-1" }])];
    const uses = (one: Model): (() => unknown)[] => [
      () => one.predict(user, "item-1"),
      () => one.predict("user-1", item),
      () => one.recommend(user),
      () => one.recommendUsers(item),
      () => one.similarUsers(user),
      () => one.similarItems(item),
      () => one.predictMany([user], ["item-1"]),
    ];
    for (const use of uses(model)) use();
    for (const use of uses(other)) expect(use).toThrow(message);
    const onceMore = Interactions.fromObjects([{ userId: "user-1", itemId: "item-2", value: 3 }]);
    await model.partialFit(onceMore);
    for (const use of uses(model)) expect(use).toThrow(message);
    const later = model.foldIn([{ itemId: "item-1" }]);
    await model.fit(NAMED);
    expect(() => model.recommend(later)).toThrow(`user ${message}`);
  });
}

function histories(subject: Subject): void {
  test("of nothing is that of somebody unknown", async () => {
    const model = await fitted(subject);
    const [user, item] = [model.foldIn([]), model.foldInItem(new Set())];
    expect([user.size, item.size]).toEqual([0, 0]);
    expect(model.recommend(user, { count: 10_000 })).toEqual(model.recommend("nobody", { count: 10_000 }));
    expect(model.recommendUsers(item, { count: 10_000 })).toEqual(model.recommendUsers("nothing", { count: 10_000 }));
    expect([model.similarUsers(user), model.similarItems(item)]).toEqual([[], []]);
    expect(model.predict(user, "item-1")).toBe(model.predict("nobody", "item-1"));
    expect(model.predict(user, item)).toBe(model.predict("nobody", "nothing"));
  });

  test("a value is 1 if none is given", async () => {
    const model = await fitted(subject);
    const [given, left] = [model.foldIn([{ itemId: "item-1", value: 1 }]), model.foldIn([{ itemId: "item-1" }])];
    expect(ask(model, QUESTIONS[0]!, left)).toEqual(ask(model, QUESTIONS[0]!, given));
  });

  test("may come from anything that can be gone through", async () => {
    const model = await fitted(subject);
    const entries = historyOfUser(NAMED, "user-3");
    const expected = model.recommend(model.foldIn(entries));
    expect(model.recommend(model.foldIn(new Set(entries)))).toEqual(expected);
    expect(model.recommend(model.foldIn(entries.values()))).toEqual(expected);
  });

  for (const side of ["item", "user"] as const) {
    test.each(badHistories(side))(`is told what is wrong with it: ${side}s, %#`, async (history, Class, message) => {
      const model = await fitted(subject);
      const work = (): unknown =>
        side === "item" ? model.foldIn(history as never) : model.foldInItem(history as never);
      expect(work).toThrow(Class);
      expect(work).toThrow(message);
    });
  }

  test("unknown ids are skipped if told so", async () => {
    const model = await fitted(subject);
    const history = historyOfUser(NAMED, "user-3");
    const folded = model.foldIn([{ itemId: "itm-2" }, ...history, { itemId: "itm-2" }], { unknown: "fallback" });
    expect(folded.size).toBe(history.length);
    expect(model.recommend(folded)).toEqual(model.recommend(model.foldIn(history)));
    expect(model.foldInItem([{ userId: "usr-2" }], { unknown: "fallback" }).size).toBe(0);
    for (const options of [{ unknown: "skip" }, { unknown: null }] as never[]) {
      expect(() => model.foldIn(history, options)).toThrow('unknown must be "fallback" | "error", got ');
      expect(() => model.foldInItem([], options)).toThrow('unknown must be "fallback" | "error", got ');
    }
    const misspelt = 'unknown option "unknwon"; did you mean "unknown"?';
    expect(() => model.foldIn(history, { unknwon: "error" } as never)).toThrow(`foldIn: ${misspelt}`);
    expect(() => model.foldInItem([], { unknwon: "error" } as never)).toThrow(`foldInItem: ${misspelt}`);
  });

  test("cannot be folded in before a fit", () => {
    const model = subject.create({});
    onTestFinished(() => model.dispose());
    expect(() => model.foldIn([])).toThrow("the model has not been fitted; call fit first");
    expect(() => model.foldInItem([])).toThrow("the model has not been fitted; call fit first");
  });
}

/** Histories of ids of one side, and what is wrong with them. */
function badHistories(side: "item" | "user"): [history: unknown, Class: typeof TypeError, message: string][] {
  const [key, otherKey] = side === "item" ? ["itemId", "userId"] : ["userId", "itemId"];
  const one = { [key!]: `${side}-1` };
  const id = `must be a non-empty string or a finite number, got`;
  const known = `must be known to the model, got "${side}2"; did you mean "${side}-2"`;
  const object = `must be an object with ${key} and value, got`;
  const iterable = `history must be an iterable of { ${key}, value }, got`;
  return [
    [[one, { [key!]: `${side}2` }], RangeError, `history[1].${key} ${known}`],
    [[one, one], RangeError, `history[1].${key} must not repeat, got "${side}-1" again`],
    [[{ ...one, value: Number.NaN }], RangeError, "history[0].value must be a finite number, got NaN"],
    [[{ ...one, value: -Infinity }], RangeError, "history[0].value must be a finite number, got -Infinity"],
    [[{ ...one, value: 1e16 }], RangeError, "history[0].value must be within ±1e15, got 10000000000000000"],
    [[{ ...one, value: "5" }], TypeError, 'history[0].value must be a finite number, got "5"'],
    [[{ ...one, value: null }], TypeError, "history[0].value must be a finite number, got null"],
    [[{ [key!]: "" }], RangeError, `history[0].${key}: ${id} ""`],
    [[{ [otherKey!]: `${side}-1` }], TypeError, `history[0].${key}: ${id} undefined`],
    [[`${side}-1`], TypeError, `history[0] ${object} "${side}-1"`],
    [[null], TypeError, `history[0] ${object} null`],
    [`${side}-1`, TypeError, `${iterable} "${side}-1"`],
    [one, TypeError, `${iterable} an object`],
    [undefined, TypeError, `${iterable} undefined`],
    [null, TypeError, `${iterable} null`],
  ];
}
