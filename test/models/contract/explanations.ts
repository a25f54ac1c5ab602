/** How a score comes about. */
import { expect, test } from "vitest";
import type { Id } from "../../../src/data/id-index.js";
import { BilinearModel } from "../../../src/models/bilinear-model.js";
import type { FoldedUser } from "../../../src/models/folded.js";
import type { Explanation } from "../../../src/models/model.js";
import { COLD, COLD_USERS, fitted, historyOfUser, NAMED, type Subject } from "./subject.js";

async function explaining(subject: Subject, train = NAMED): Promise<BilinearModel> {
  const model = await fitted(subject, train, { clip: false });
  if (!(model instanceof BilinearModel)) throw new Error("only bilinear models explain");
  return model;
}

const sumOf = ({ contributions }: Explanation): number =>
  contributions.reduce((sum, { contribution }) => sum + contribution, 0);

export function explanations(subject: Subject): void {
  test("the sum of base, contributions and remainder is the score; one for each interaction, largest first", async () => {
    const model = await explaining(subject);
    for (const user of ["user-1", "user-17", "user-60"]) {
      const history = historyOfUser(NAMED, user);
      for (const item of ["item-1", "item-22", "item-40", history[0]!.itemId]) {
        const told = model.explain(user, item);
        expect(told.score).toBe(model.predict(user, item));
        expect(told.base).toBeCloseTo(model.predict("nobody", item), 5);
        expect(told.base + sumOf(told) + told.remainder).toBeCloseTo(told.score, 4);
        const pairs = told.contributions.map(({ itemId, value }) => ({ itemId, value }));
        expect(pairs.toSorted(byItem)).toEqual(history.toSorted(byItem));
        const sizes = told.contributions.map(({ contribution }) => contribution);
        expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
        expect(sizes.every(Number.isFinite)).toBe(true);
      }
    }
  });

  test("nothing remains for a user who was folded in", async () => {
    const model = await explaining(subject);
    for (const user of ["user-1", "user-17", "user-60"]) {
      const folded: FoldedUser = model.foldIn(historyOfUser(NAMED, user));
      for (const item of ["item-1", "item-22", "item-40"]) {
        const told = model.explain(folded, item);
        expect(told.score).toBe(model.predict(folded, item));
        expect(Math.abs(told.remainder)).toBeLessThan(1e-4);
        const ofStored = model.explain(user, item); // the same weights: only what remains is different
        expect(told.contributions).toEqual(ofStored.contributions);
      }
    }
  });

  test("somebody without interactions: the base alone", async () => {
    const model = await explaining(subject, COLD);
    for (const user of [COLD_USERS[0]!, model.foldIn([])]) {
      const told = model.explain(user, "item-1");
      expect(told.contributions).toEqual([]);
      expect(told.score).toBe(model.predict("nobody", "item-1"));
      expect(told.base).toBeCloseTo(told.score, 5);
      expect(told.remainder).toBeCloseTo(0, 5);
    }
  });

  test("strangers are an error", async () => {
    const model = await explaining(subject);
    expect(() => model.explain("user3", "item-1")).toThrow(
      'userId must be known to the model, got "user3"; did you mean',
    );
    expect(() => model.explain("user-3", "item2")).toThrow(
      'itemId must be known to the model, got "item2"; did you mean',
    );
    expect(() => model.explain(null as never, "item-1")).toThrow(
      "user must be an id or the result of foldIn, got null",
    );
  });
}

const byItem = (a: { itemId: Id }, b: { itemId: Id }): number => (a.itemId < b.itemId ? -1 : 1);
