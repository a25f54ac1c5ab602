/** What `fit` takes beside the ratings: validation, patience, onEpoch, signal; and what it does when it goes wrong. */
import { describe, expect, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { engine } from "../../src/engine/engine.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import type { MatrixFactorizationOptions } from "../../src/models/matrix-factorization-options.js";
import type { EpochReport } from "../../src/models/model.js";
import { hashOf } from "./golden.js";
import { MADE, rmseOf, SMALL } from "./ratings.js";

const { train, test: held } = SMALL.split({ testFraction: 0.2, seed: 3 });

/** Learns by heart, and gets worse at what was held out. */
const OVERFITTING: Partial<MatrixFactorizationOptions> = {
  factors: 16,
  learningRate: 0.02,
  learningRateSchedule: "constant",
  regularization: 0,
  damping: 0,
  biasDamping: 0,
  initialScale: 0.5,
};

const EPOCHS = 30;

async function reportsOf(
  options: Partial<MatrixFactorizationOptions>,
  fitOptions: { validation?: Interactions; patience?: number },
): Promise<{ model: MatrixFactorization; reports: EpochReport[] }> {
  const reports: EpochReport[] = [];
  const model = new MatrixFactorization(options);
  await model.fit(train, { ...fitOptions, onEpoch: (report) => reports.push(report) });
  return { model, reports };
}

describe("validation", () => {
  test("keeps the factors of the best epoch, to the bit", async () => {
    const { model, reports } = await reportsOf({ ...OVERFITTING, epochs: EPOCHS }, { validation: held });
    const rmses = reports.map(({ validationRmse }) => validationRmse!);
    const best = 1 + rmses.indexOf(Math.min(...rmses));
    expect(best).toBeGreaterThan(1);
    expect(best).toBeLessThan(EPOCHS);
    expect(rmses.at(-1)).toBeGreaterThan(rmses[best - 1]! * 1.02);
    expect(rmseOf(model, held)).toBeCloseTo(rmses[best - 1]!, 5);
    const stopped = await new MatrixFactorization({ ...OVERFITTING, epochs: best }).fit(train);
    expect(hashOf(model)).toBe(hashOf(stopped));
  });

  test("without it the last epoch's are kept", async () => {
    const { reports } = await reportsOf({ ...OVERFITTING, epochs: EPOCHS }, { validation: held });
    const { model } = await reportsOf({ ...OVERFITTING, epochs: EPOCHS }, {});
    expect(rmseOf(model, held)).toBeCloseTo(reports.at(-1)!.validationRmse!, 5);
  });

  test("does not change what is learned", async () => {
    const options = { factors: 5, epochs: 6 };
    const { model, reports } = await reportsOf(options, { validation: held });
    expect(reports.at(-1)!.isBest).toBe(true);
    expect(hashOf(model)).toBe(hashOf(await new MatrixFactorization(options).fit(train)));
  });

  test("patience ends the fit so many epochs after the best", async () => {
    const { reports: all } = await reportsOf({ ...OVERFITTING, epochs: EPOCHS }, { validation: held });
    const best = all.findLastIndex(({ isBest }) => isBest) + 1;
    for (const patience of [1, 3]) {
      const options = { validation: held, patience };
      const { model, reports } = await reportsOf({ ...OVERFITTING, epochs: EPOCHS }, options);
      expect(reports.map(({ validationRmse }) => validationRmse)).toEqual(
        all.slice(0, best + patience).map(({ validationRmse }) => validationRmse),
      );
      expect(rmseOf(model, held)).toBeCloseTo(all[best - 1]!.validationRmse!, 5);
    }
  });

  test("may hold users and items that training never met, and ids of another kind", async () => {
    const strange = Interactions.fromObjects([
      { userId: "nobody", itemId: "nothing", value: 3 },
      { userId: "1", itemId: "nothing", value: 4 },
      { userId: "nobody", itemId: "2", value: 2 },
      { userId: "1", itemId: "2", value: 5 },
    ]);
    const { model, reports } = await reportsOf({ factors: 5, epochs: 4 }, { validation: strange });
    expect(rmseOf(model, strange)).toBeCloseTo(Math.min(...reports.map((report) => report.validationRmse!)), 5);
    const onlyStrange = Interactions.fromObjects([{ userId: "nobody", itemId: "nothing", value: 1 }]);
    const { reports: others } = await reportsOf({ factors: 5, epochs: 2 }, { validation: onlyStrange });
    expect(others[0]!.validationRmse).toBeCloseTo(train.mean - 1, 5);
    expect(others.map(({ isBest }) => isBest)).toEqual([true, false]); // no lower than before
  });

  test("clips as predictions are clipped", async () => {
    for (const clip of [true, false]) {
      const { model, reports } = await reportsOf({ ...OVERFITTING, epochs: 8, clip }, { validation: train });
      const best = Math.min(...reports.map(({ validationRmse }) => validationRmse!));
      expect(rmseOf(model, train)).toBeCloseTo(best, 5);
    }
  });
});

describe("onEpoch", () => {
  test("tells of every epoch, in order", async () => {
    const { reports } = await reportsOf({ factors: 5, epochs: 4, learningRate: 0.08 }, { validation: held });
    expect(reports.map(({ epoch, epochs }) => [epoch, epochs])).toEqual([1, 2, 3, 4].map((epoch) => [epoch, 4]));
    expect(reports.map(({ learningRate }) => learningRate)).toEqual([0.08, 0.08 * 0.75, 0.08 * 0.5, 0.08 * 0.25]);
    for (const { trainRmse, validationRmse, seconds, ratingsPerSecond } of reports) {
      expect(trainRmse).toBeGreaterThan(0.3);
      expect(trainRmse).toBeLessThan(2);
      expect(validationRmse).toBeGreaterThan(0.3);
      expect(validationRmse).toBeLessThan(2);
      expect(seconds).toBeGreaterThan(0);
      expect(ratingsPerSecond).toBeCloseTo(train.size / seconds, 6);
    }
  });

  test("without validation there is no validation RMSE, and every epoch is the best", async () => {
    const { reports } = await reportsOf({ factors: 5, epochs: 3 }, {});
    expect(reports.map(({ validationRmse, isBest }) => [validationRmse, isBest])).toEqual(
      [1, 2, 3].map(() => [undefined, true]),
    );
  });

  test("the rate by itself: 1.2/epochs, at most .1, falling; constant for adagrad", async () => {
    const ratesOf = async (options: Partial<MatrixFactorizationOptions>): Promise<number[]> =>
      (await reportsOf({ factors: 2, ...options }, {})).reports.map(({ learningRate }) => learningRate);
    expect(await ratesOf({ epochs: 2 })).toEqual([0.1, 0.05]);
    expect((await ratesOf({ epochs: 24 }))[0]).toBeCloseTo(0.05, 12);
    expect(await ratesOf({ epochs: 3, optimizer: "adagrad" })).toEqual([0.15, 0.15, 0.15]);
    expect(await ratesOf({ epochs: 2, optimizer: "adam" })).toEqual([0.05, 0.025]);
    expect(await ratesOf({ epochs: 2, learningRateSchedule: "constant" })).toEqual([0.1, 0.1]);
    expect(await ratesOf({ epochs: 2, optimizer: "adagrad", learningRateSchedule: "linear" })).toEqual([0.15, 0.075]);
  });

  test("what it throws ends the fit", async () => {
    const reason = new Error("seen enough");
    const fitting = new MatrixFactorization({ factors: 2 }).fit(train, {
      onEpoch: () => {
        throw reason;
      },
    });
    await expect(fitting).rejects.toBe(reason);
  });
});

describe("signal", () => {
  test("aborted in the middle: the fit rejects with its reason, and an earlier fit is as it was", async () => {
    const { arena } = engine();
    const model = await new MatrixFactorization({ factors: 5, epochs: 30 }).fit(train);
    const before = { hash: hashOf(model), bytes: arena.bytesInUse };
    const controller = new AbortController();
    const epochs: number[] = [];
    const reason = new Error("enough");
    const onEpoch = ({ epoch }: EpochReport): void => {
      epochs.push(epoch);
      if (epoch === 3) controller.abort(reason);
    };
    await expect(model.fit(MADE, { onEpoch, signal: controller.signal })).rejects.toBe(reason);
    expect(epochs).toEqual([1, 2, 3]);
    expect({ hash: hashOf(model), bytes: arena.bytesInUse }).toEqual(before);
    expect(model.users).toBe(train.users);
    await model.fit(train);
    expect(hashOf(model)).toBe(before.hash);
  });

  test("aborted before: rejects at once", async () => {
    const signal = AbortSignal.abort("not today");
    await expect(new MatrixFactorization().fit(train, { signal })).rejects.toBe("not today");
  });

  test("aborted without a reason: an AbortError", async () => {
    const controller = new AbortController();
    const fitting = new MatrixFactorization({ epochs: 1000 }).fit(MADE, { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    await expect(fitting).rejects.toMatchObject({ name: "AbortError" });
  });

  test("aborted after the end changes nothing", async () => {
    const controller = new AbortController();
    const model = await new MatrixFactorization({ factors: 2 }).fit(train, { signal: controller.signal });
    controller.abort();
    expect(model.predict(1, 1)).toBeGreaterThan(0);
  });
});

describe("divergence", () => {
  test.each([1.5, 30, 1e10, 1e38])("learningRate %d: an error that names it, and never a NaN", async (learningRate) => {
    const { arena } = engine();
    const { bytesInUse } = arena;
    const model = new MatrixFactorization({ learningRate });
    await expect(model.fit(MADE)).rejects.toThrow(
      new RegExp(`^MatrixFactorization diverged: .*lower learningRate, now ${learningRate}`.replace("+", "\\+")),
    );
    expect(() => model.predict(1, 1)).toThrow("the model has not been fitted");
    expect(arena.bytesInUse).toBe(bytesInUse);
  });

  test.each(["adagrad", "adam"] as const)("of %s", async (optimizer) => {
    const model = new MatrixFactorization({ learningRate: 1e12, optimizer });
    await expect(model.fit(MADE)).rejects.toThrow("MatrixFactorization diverged: ");
  });

  test("in the very last step, which no training error sees", async () => {
    // each row and column has one rating: all the damage is done after the last error was taken
    const ratings = Interactions.fromObjects([
      { userId: 1, itemId: 1, value: 1 },
      { userId: 2, itemId: 2, value: 2 },
      { userId: 3, itemId: 3, value: 5 },
    ]);
    for (const learningRate of [1e10, 1e20, 1e30]) {
      const model = new MatrixFactorization({ epochs: 1, learningRate, clip: false });
      await expect(model.fit(ratings)).rejects.toThrow("MatrixFactorization diverged: the factors have run away");
    }
  });
});
