/** Numbers at the ends of what there is: an error, or a right answer, and never NaN. */
import { describe, expect, onTestFinished, test } from "vitest";
import { load } from "../../src/load.js";
import { BiasModel } from "../../src/models/bias-model.js";
import type { BilinearModel } from "../../src/models/bilinear-model.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import { COLD, COLD_USERS, historyOfUser, NAMED } from "./contract/subject.js";
import { mapValues, predictionsOf } from "./ratings.js";

describe("values of any size", () => {
  test.each([1e-20, 1e-10, 1, 1e10, 1e14])("× %d: all that a model does, by its scale", async (factor) => {
    const data = mapValues(NAMED, (value) => value * factor);
    const options = { factors: 4, epochs: 10, clip: false };
    const plain = await new MatrixFactorization(options).fit(NAMED);
    const model = await new MatrixFactorization(options).fit(data);
    onTestFinished(() => {
      plain.dispose();
      model.dispose();
    });
    const same = (score: number, expected: number): void => expect(score / factor).toBeCloseTo(expected, 2);
    const scoreOf = (each: BilinearModel, of: typeof NAMED): number =>
      each.predict(each.foldIn(historyOfUser(of, "user-3")), "item-1");
    same(scoreOf(model, data), scoreOf(plain, NAMED));
    same(model.explain("user-3", "item-1").score, plain.explain("user-3", "item-1").score);
    const [first, expected] = [model, plain].map((each) => each.recommend("user-3")[0]!);
    expect(first!.itemId).toBe(expected!.itemId);
    await model.partialFit(data);
    await plain.partialFit(NAMED);
    same(model.predict("user-3", "item-1"), plain.predict("user-3", "item-1"));
  });

  test.each([1e14, 1e15, 1e20, 1e30, 1e35])(
    "× %d: what is saved can be loaded, else saving it is an error",
    async (factor) => {
      const data = mapValues(NAMED, (value) => value * factor);
      for (const model of [new MatrixFactorization({ factors: 4, epochs: 5 }), new BiasModel()]) {
        onTestFinished(() => model.dispose());
        await model.fit(data);
        let bytes: Uint8Array;
        try {
          bytes = model.toBytes();
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          continue;
        }
        const again = await load(bytes);
        onTestFinished(() => again.dispose());
        expect(predictionsOf(again, data)).toEqual(predictionsOf(model, data));
      }
    },
  );
});

test("a history that only factors beyond all numbers would fit", () => {
  const given = {
    userIds: ["u"],
    itemIds: ["a", "b", "c"],
    userFactors: [1, 1],
    itemFactors: [1e-15, 0, 0, 1e-15, 1e15, -1e15],
  };
  const model = MatrixFactorization.fromFactors(given, { regularization: 0, damping: 0, biases: false });
  onTestFinished(() => model.dispose());
  const history = [
    { itemId: "a", value: 1e15 },
    { itemId: "b", value: 1e15 },
  ];
  expect(() => model.foldIn(history)).toThrow(
    /^foldIn: a history of 2 has no solution in single precision; fit with more/,
  );
});

test("without regularisation, a history too short takes the least that fits it, and none needs no equations", async () => {
  const none = { damping: 0, regularization: 0, biasDamping: 0, biasRegularization: 0 };
  for (const model of [new MatrixFactorization({ factors: 4, ...none }), new BiasModel({ damping: 0 })]) {
    onTestFinished(() => model.dispose());
    await model.fit(COLD);
    for (const user of [COLD_USERS[0]!, model.foldIn([])]) {
      const told = model.explain(user, "item-1");
      expect(told.contributions).toEqual([]);
      expect(told.base).toBeCloseTo(model.predict("nobody", "item-1"), 5);
    }
    if (model instanceof BiasModel) continue;
    const visitor = model.foldIn([{ itemId: "item-1", value: 4 }]);
    expect(model.predict(visitor, "item-1")).toBeCloseTo(4, 2);
    const item = model.foldInItem([{ userId: "user-1", value: 2 }]);
    expect(model.predict("user-1", item)).toBeCloseTo(2, 2);
  }
});

test("a range without a number in it", async () => {
  const given = { userIds: ["u"], itemIds: ["i"], userFactors: [1], itemFactors: [2] };
  for (const range of [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
    [2, 1],
    [Number.NaN, 1],
  ] as const) {
    expect(() => MatrixFactorization.fromFactors({ ...given, range })).toThrow(RangeError);
  }
  const model = MatrixFactorization.fromFactors({ ...given, range: [-Infinity, 1] });
  onTestFinished(() => model.dispose());
  expect(model.predict("u", "i")).toBe(1);
});
