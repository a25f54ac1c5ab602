/** AutoRec on data that are hardly data, on numbers of any size, and on any scale. */
import { describe, expect, onTestFinished, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { AutoRec } from "../../src/models/autorec.js";
import type { Activation, AutoRecOptions } from "../../src/models/autorec-options.js";
import { allPredictions, historyOfItem, historyOfUser } from "./contract/subject.js";
import { mapValues, rmseOf, SMALL } from "./ratings.js";

const ACTIVATIONS: readonly Activation[] = ["identity", "sigmoid", "tanh", "relu"];
const ORIENTATIONS = ["item", "user"] as const;
const OPTIMIZERS = ["adam", "sgd", "rprop"] as const;

async function fitted(train: Interactions, options: Partial<AutoRecOptions>): Promise<AutoRec> {
  const model = new AutoRec({ hidden: 5, epochs: 10, ...options });
  onTestFinished(() => model.dispose());
  return model.fit(train);
}

/** All predictions, and those for somebody folded in like each of the first few. */
function allScores(model: AutoRec, data: Interactions): Float32Array {
  const items = data.items.toArray();
  const users = data.users.toArray();
  const visitors = users.slice(0, 3).map((id) => model.foldIn(historyOfUser(data, id)));
  const novelties = items.slice(0, 3).map((id) => model.foldInItem(historyOfItem(data, id)));
  const folded = [
    ...visitors.flatMap((visitor) => [...model.predictMany(new Array(items.length).fill(visitor), items)]),
    ...novelties.flatMap((novelty) => [...model.predictMany(users, new Array(users.length).fill(novelty))]),
  ];
  return Float32Array.of(...allPredictions(model), ...folded);
}

describe.each(ORIENTATIONS)("hardly any data, rows by %s", (orientation) => {
  test.each(ACTIVATIONS)("one rating, %s outputs: it is what is predicted", async (outputActivation) => {
    const one = Interactions.fromObjects([{ userId: "a", itemId: "x", value: 3 }]);
    for (const optimizer of OPTIMIZERS) {
      const model = await fitted(one, { orientation, outputActivation, optimizer, clip: false });
      const bound = outputActivation === "sigmoid" || outputActivation === "tanh" ? 0.51 : 0.02;
      for (const score of [...allScores(model, one), model.predict("b", "y"), model.predict("a", "y")]) {
        expect(Math.abs(score - 3)).toBeLessThan(bound);
      }
      expect(model.recommend("a")).toEqual([]);
      expect(model.recommend("b").map(({ itemId }) => itemId)).toEqual(["x"]);
    }
  });

  test.each(ACTIVATIONS)("all ratings equal, %s outputs: all predictions are", async (outputActivation) => {
    for (const [optimizer, value, centering] of [
      ["adam", 0, "none"],
      ["sgd", 4, "mean"],
      ["rprop", -2.5, "biases"],
    ] as const) {
      const equal = mapValues(SMALL, () => value);
      const options = { orientation, outputActivation, optimizer, centering, epochs: 20, learningRate: 0.02 };
      for (const clip of [true, false]) {
        const scores = allScores(await fitted(equal, { ...options, clip }), equal);
        const isExact = clip || outputActivation === "sigmoid" || outputActivation === "tanh"; // their range is the value
        for (const score of scores) expect(Math.abs(score - value)).toBeLessThanOrEqual(isExact ? 0 : 0.1);
      }
    }
  });

  test("an item with all users, a user with all items, and others with one or none", async () => {
    const cross = Array.from({ length: 9 }, (_, at) => [
      { userId: at, itemId: 0, value: 1 + (at % 5) },
      { userId: 0, itemId: at, value: 5 - (at % 5) },
    ]).flat();
    const data = Interactions.fromObjects(cross.slice(1));
    for (const optimizer of OPTIMIZERS) {
      const model = await fitted(data, { orientation, optimizer, epochs: 40, learningRate: 0.01 });
      const scores = allScores(model, data);
      expect(scores.every((score) => score >= 1 && score <= 5)).toBe(true);
      expect(rmseOf(model, data)).toBeLessThan(data.standardDeviation);
    }
  });

  test.each([1, 33, 300])("%i hidden units for 3 users and 2 items", async (hidden) => {
    const few = Interactions.fromObjects([
      { userId: 1, itemId: 1, value: 1 },
      { userId: 2, itemId: 1, value: 3 },
      { userId: 3, itemId: 2, value: 5 },
      { userId: 1, itemId: 2, value: 4 },
    ]);
    const model = await fitted(few, { orientation, hidden, batchSize: 1, dropout: 0.5 });
    expect(allScores(model, few).every((score) => score >= 1 && score <= 5)).toBe(true);
    expect([model.codes.columns, model.outputWeights.columns]).toEqual([hidden, hidden]);
  });
});

describe.each(ORIENTATIONS)("numbers of any size, rows by %s", (orientation) => {
  const options = { orientation, hidden: 5, epochs: 5, learningRate: 0.01, clip: false } as const;

  test.each([1e10, 1e-10, 1e-30])("ratings by %d: predictions by it too", async (factor) => {
    for (const outputActivation of ACTIVATIONS) {
      const own = { ...options, outputActivation, centering: "biases" } as const;
      const plain = allScores(await fitted(SMALL, own), SMALL);
      const data = mapValues(SMALL, (value) => value * factor);
      const scaled = allScores(await fitted(data, own), data);
      scaled.forEach((score, at) => {
        expect(Math.abs(score / factor - plain[at]!)).toBeLessThan(1e-3);
      });
    }
  });

  test("ratings far from zero, and some far from all others", async () => {
    const far = mapValues(SMALL, (value) => 1e7 + value);
    expect(allScores(await fitted(far, options), far).every((score) => Math.abs(score - 1e7) < 100)).toBe(true);
    const outlier = mapValues(SMALL, (value) => (value > 4.4 ? 1e12 : value));
    for (const outputActivation of ACTIVATIONS) {
      for (const optimizer of OPTIMIZERS) {
        const model = await fitted(outlier, {
          ...options,
          epochs: 2,
          learningRate: "auto",
          optimizer,
          outputActivation,
        });
        expect(allScores(model, outlier).every(Number.isFinite)).toBe(true);
      }
    }
  });

  test("partialFit: an error that says so, or an answer; the model is then as it was", async () => {
    for (const activation of ["identity", "sigmoid"] as const) {
      for (const value of [1e10, 1e15, 1e20, 3e38, -3e38]) {
        const model = await fitted(SMALL, { ...options, activation });
        const before = allScores(model, SMALL);
        const more = Interactions.fromObjects([
          { userId: 1, itemId: 1, value },
          { userId: 1, itemId: 2, value: -value },
        ]);
        const outcome = await model.partialFit(more).then(
          () => "learned",
          (error: Error) => error.message,
        );
        if (Math.abs(value) < 1e16) expect(outcome).toBe("learned");
        else
          expect(outcome).toMatch(
            /^partialFit: the interactions of (user|item) \d have no solution in single precision/,
          );
        const scores = allScores(model, SMALL);
        if (outcome === "learned") expect(scores.every(Number.isFinite)).toBe(true);
        else expect(scores).toEqual(before);
      }
    }
  });

  test("values of which squares cannot be f32: an error or an answer, never NaN", async () => {
    for (const factor of [1e14, 1e25, 1e37, 1e-38, 1e-44]) {
      const data = mapValues(SMALL, (value) => value * factor);
      const outcome = await fitted(data, options).then(
        (model) => (allScores(model, data).every(Number.isFinite) ? "finite" : "not finite"),
        (error: Error) => error.message,
      );
      expect(outcome).toMatch(/^finite$|^AutoRec diverged: |must be|no solution in single precision/);
    }
  });
});

test.each(ORIENTATIONS)("any rating scale has the same predictions on it, rows by %s", async (orientation) => {
  for (const outputActivation of ACTIVATIONS) {
    const options = { orientation, outputActivation, centering: "biases", learningRate: 0.01 } as const;
    const plain = allScores(await fitted(SMALL, options), SMALL);
    const span = SMALL.maximum - SMALL.minimum;
    for (const [lowest, highest] of [
      [0, 1],
      [1, 5],
      [1, 100],
      [-10, 10],
    ] as const) {
      const factor = (highest - lowest) / span;
      const change = (value: number): number => lowest + (value - SMALL.minimum) * factor;
      const data = mapValues(SMALL, change);
      const scores = allScores(await fitted(data, options), data);
      scores.forEach((score, at) => {
        expect(Math.abs((score - change(plain[at]!)) / factor)).toBeLessThan(1e-3);
      });
    }
  }
});

describe("bounded outputs keep the range of the ratings with clip: false", () => {
  test.each(ORIENTATIONS)("rows by %s", async (orientation) => {
    const options = {
      orientation,
      hidden: 40,
      epochs: 30,
      learningRate: 0.1,
      regularization: 0,
      damping: 0,
      initialScale: 2,
    };
    for (const outputActivation of ["sigmoid", "tanh", "relu"] as const) {
      const model = await fitted(SMALL, { ...options, outputActivation, clip: false, centering: "mean" });
      const scores = allScores(model, SMALL);
      const least = Math.min(...scores);
      const most = Math.max(...scores);
      expect(least).toBeGreaterThanOrEqual(SMALL.minimum);
      expect(least).toBeLessThan(SMALL.minimum + 0.2); // and they come to its ends
      if (outputActivation === "relu") expect(most).toBeGreaterThan(SMALL.maximum);
      else expect(most).toBeLessThanOrEqual(SMALL.maximum);
      const clipped = await fitted(SMALL, { ...options, outputActivation, clip: true, centering: "mean" });
      expect(Math.max(...allScores(clipped, SMALL))).toBeLessThanOrEqual(SMALL.maximum);
    }
  });
});
