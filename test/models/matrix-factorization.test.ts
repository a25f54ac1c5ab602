import { describe, expect, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import type { EpochReport } from "../../src/models/model.js";
import type { OptimizerName } from "../../src/models/optimizers.js";
import { nmse } from "../assembly/rating-pass.js";
import { TwinFit } from "../twins/matrix-factorization.js";
import { hashOf } from "./golden.js";
import { onThreads } from "./on-threads.js";
import { MADE, mapValues, predictionsOf, rmseOf, SMALL } from "./ratings.js";

onThreads();

const OPTIMIZERS: OptimizerName[] = ["sgd", "adagrad", "adam"];

describe("the same seed, the same bits", () => {
  test.each(OPTIMIZERS)("on any number of threads, with the fastest kernels of the engine: %s", async (optimizer) => {
    const hashes: string[] = [];
    for (const threads of [1, 2, 3, 5, 7]) {
      const model = await new MatrixFactorization({ factors: 9, epochs: 2, optimizer, threads }).fit(MADE);
      hashes.push(hashOf(model));
      model.dispose();
    }
    expect(new Set(hashes).size).toBe(1);
  });

  test("in every fit, also of one model; another seed gives others", async () => {
    const fitted = async (seed: number): Promise<string> =>
      hashOf(await new MatrixFactorization({ factors: 4, epochs: 2, seed }).fit(SMALL));
    const model = new MatrixFactorization({ factors: 4, epochs: 2, seed: 9 });
    const first = hashOf(await model.fit(SMALL));
    expect(hashOf(await model.fit(SMALL))).toBe(first);
    expect(await fitted(9)).toBe(first);
    expect(await fitted(10)).not.toBe(first);
    expect(await fitted(9 + 2 ** 32)).not.toBe(first);
  });

  test("in two fits at once on two models, as one after the other", async () => {
    const options = { factors: 8, epochs: 4, threads: 2 };
    const trained = async (seed: number, ratings: Interactions): Promise<string> =>
      hashOf(await new MatrixFactorization({ ...options, seed }).fit(ratings));
    const apart = [await trained(1, MADE), await trained(2, SMALL)];
    expect(await Promise.all([trained(1, MADE), trained(2, SMALL)])).toEqual(apart);
  });
});

describe("training", () => {
  // Both begin with the same numbers; in 3 passes over 40,000 ratings every step of the kernels rounds to 6e-8, which makes
  // 1e-13 to 8e-13 in the scores, squared and relative (their common offset taken off); ten times that is allowed.
  test.each([
    ["sgd", 0.05, "linear"],
    ["adagrad", 0.15, "constant"],
    ["adam", 0.02, "linear"],
  ] as const)("is the documented one, by %s: as a plain f64 fit", async (optimizer, learningRate, schedule) => {
    const own = {
      factors: 6,
      epochs: 3,
      optimizer,
      learningRate,
      learningRateSchedule: schedule,
      seed: 4,
      clip: false,
    };
    const reports: EpochReport[] = [];
    const model = await new MatrixFactorization(own).fit(MADE, { onEpoch: (report) => reports.push(report) });
    const twin = await TwinFit.fit(MADE, { ...model.options, learningRate });
    const { offsets, columns } = MADE.matrix;
    const expected = [...columns].map((item, entry) => {
      const user = offsets.findLastIndex((offset) => offset <= entry);
      return twin.score(user, item) - model.offset;
    });
    const actual = predictionsOf(model, MADE).map((score) => score - model.offset);
    expect(nmse(actual, expected)).toBeLessThan(1e-11);
    reports.forEach(({ trainRmse }, at) => {
      expect(trainRmse / twin.trainRmses[at]!).toBeCloseTo(1, 5);
    });
  });

  test.each(OPTIMIZERS)("lowers the training error from epoch to epoch, by %s", async (optimizer) => {
    const rmses: number[] = [];
    const onEpoch = ({ trainRmse }: EpochReport) => rmses.push(trainRmse);
    await new MatrixFactorization({ factors: 8, epochs: 10, optimizer }).fit(MADE, { onEpoch });
    expect(rmses.length).toBe(10);
    rmses.slice(1).forEach((rmse, at) => {
      expect(rmse).toBeLessThan(rmses[at]!);
    });
    expect(rmses[9]! / rmses[0]!).toBeLessThan(0.9);
  });

  test("finds a planted structure better than biases alone, close to the noise", async () => {
    const { train, test: held } = MADE.split({ testFraction: 0.1, seed: 1 });
    const heldRmse = async (factors: number, regularization: number): Promise<number> => {
      return rmseOf(await new MatrixFactorization({ factors, regularization }).fit(train), held);
    };
    expect(await heldRmse(16, 0.04)).toBeLessThan(0.97 * (await heldRmse(1, 1e6)));
  });

  test.each([17, 0.001, 1000])("does not depend on the scale of the ratings: × %d − 300", async (factor) => {
    const change = (value: number): number => value * factor - 300;
    const options = { factors: 8, epochs: 10, clip: false };
    const plain = predictionsOf(await new MatrixFactorization(options).fit(SMALL), SMALL);
    const scaled = await new MatrixFactorization(options).fit(mapValues(SMALL, change));
    predictionsOf(scaled, SMALL).forEach((prediction, at) => {
      // f32 knows ratings near −300 to 3e-5
      expect(Math.abs(prediction - change(plain[at]!))).toBeLessThan(1e-3 * factor * plain[at]! + 1e-4);
    });
  });

  test("without biases there are none", async () => {
    const model = await new MatrixFactorization({ factors: 4, epochs: 3, biases: false }).fit(SMALL);
    expect([...model.userBias, ...model.itemBias].filter((bias) => bias !== 0)).toEqual([]);
    expect(model.offset).toBe(Math.fround(SMALL.mean));
  });

  test("without the mean the offset is 0; without either a rating is p·q", async () => {
    const model = await new MatrixFactorization({
      factors: 4,
      epochs: 60,
      biases: false,
      globalMean: false,
      clip: false,
      initialScale: 0.5,
    }).fit(SMALL);
    expect(model.offset).toBe(0);
    const [p, q] = [model.userFactors.row(3), model.itemFactors.row(5)];
    const product = p.reduce((sum, each, f) => sum + each * q[f]!, 0);
    expect(model.predict(4, 6)).toBeCloseTo(product, 5); // ids count from 1
    expect(product).toBeGreaterThan(1); // it has learned what the mean would have given
  });

  test("with all ratings equal, predicts them", async () => {
    for (const value of [3.3, 0, -7, 1e-3, 12345.678]) {
      for (const globalMean of [true, false]) {
        const equal = mapValues(SMALL, () => value);
        const model = await new MatrixFactorization({ factors: 4, globalMean }).fit(equal);
        const [lowest, highest] = [Math.min(...predictionsOf(model, equal)), Math.max(...predictionsOf(model, equal))];
        expect([lowest, highest]).toEqual([Math.fround(value), Math.fround(value)]); // clipped to their range
        expect(model.predict("nobody", "nothing")).toBe(Math.fround(value));
      }
    }
  });

  test("rows without ratings keep no factors and no bias", async () => {
    const { train } = SMALL.split({ testFraction: 0.9, seed: 2 });
    const counts = new Uint32Array(train.numItems);
    for (const column of train.matrix.columns) counts[column]!++;
    const unrated = counts.indexOf(0);
    expect(unrated).toBeGreaterThanOrEqual(0);
    const model = await new MatrixFactorization({ factors: 5 }).fit(train);
    expect([...model.itemFactors.row(unrated)]).toEqual([0, 0, 0, 0, 0]);
    expect(model.itemBias[unrated]).toBe(0);
  });

  test("padding of the factors stays zero", async () => {
    const model = await new MatrixFactorization({ factors: 5, epochs: 3, optimizer: "adam" }).fit(SMALL);
    for (const { values, stride } of [model.userFactors, model.itemFactors]) {
      expect(stride).toBe(8);
      expect([...values].filter((value, at) => at % stride >= 5 && value !== 0)).toEqual([]);
    }
  });
});

describe("awkward data", () => {
  const one = Interactions.fromObjects([{ userId: "u", itemId: "i", value: 4 }]);

  test.each(OPTIMIZERS)("one rating, by %s", async (optimizer) => {
    const model = await new MatrixFactorization({ optimizer }).fit(one);
    expect(model.predict("u", "i")).toBe(4);
    expect(model.recommend("u")).toEqual([]);
    expect(model.recommend("someone else")).toEqual([{ itemId: "i", score: 4 }]);
  });

  test("one user; one item; more factors than either", async () => {
    const byOne = Interactions.fromObjects([1, 2, 3, 4, 5].map((value) => ({ userId: 7, itemId: `i${value}`, value })));
    const ofOne = Interactions.fromObjects([1, 2, 3, 4, 5].map((value) => ({ userId: `u${value}`, itemId: 7, value })));
    for (const ratings of [byOne, ofOne]) {
      const model = await new MatrixFactorization({ factors: 100, epochs: 200, learningRate: 0.1, damping: 0 }).fit(
        ratings,
      );
      const predictions = predictionsOf(model, ratings);
      predictions.forEach((prediction, at) => {
        expect(prediction).toBeCloseTo(at + 1, 0);
      });
    }
  });

  test('ids such as "__proto__" and "constructor"', async () => {
    const ids = ["__proto__", "constructor", "toString", "hasOwnProperty", " ", "ß"];
    const ratings = Interactions.fromObjects(
      ids.flatMap((userId, u) =>
        ids.slice(0, u + 1).map((itemId, i) => ({ userId, itemId, value: 1 + ((u + i) % 5) })),
      ),
    );
    const model = await new MatrixFactorization({ factors: 4 }).fit(ratings);
    expect(model.users.indexOf("constructor")).toBe(1);
    expect(model.predict("__proto__", "__proto__")).not.toBe(model.predict("valueOf", "valueOf"));
    expect(model.predict("valueOf", "valueOf")).toBe(model.offset);
    const recommended = model.recommend("__proto__", { count: 10 }).map(({ itemId }) => itemId);
    expect(recommended.toSorted()).toEqual(ids.slice(1).toSorted());
  });

  test("31 and its text are one id, where that cannot mislead", async () => {
    const model = await new MatrixFactorization({ factors: 4, epochs: 2 }).fit(SMALL);
    expect(model.predict("31", "7")).toBe(model.predict(31, 7));
    expect(model.recommend("31")).toEqual(model.recommend(31));
    expect(model.predict("031", 7)).toBe(model.predict("nobody", 7));
  });

  test("values near the ends of f32", async () => {
    for (const factor of [1e-30, 1e30]) {
      const ratings = mapValues(SMALL, (value) => value * factor);
      const model = await new MatrixFactorization({ factors: 4, epochs: 5 }).fit(ratings);
      const predictions = predictionsOf(model, ratings);
      expect(Math.min(...predictions)).toBeGreaterThanOrEqual(ratings.minimum);
      expect(Math.max(...predictions)).toBeLessThanOrEqual(ratings.maximum);
      expect(predictions.some(Number.isNaN)).toBe(false);
    }
  });
});
