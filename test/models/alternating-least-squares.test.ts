import { describe, expect, onTestFinished, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { engine } from "../../src/engine/engine.js";
import { load } from "../../src/load.js";
import { AlternatingLeastSquares, type AlternatingReport } from "../../src/models/alternating-least-squares.js";
import type { HalfStepReport } from "../../src/models/model.js";
import { bitsOf, greatestRise, halfSteps, type Rating, rating, withLongColumn } from "./alternating-cases.js";
import { historyOfItem, historyOfUser } from "./contract/subject.js";
import { onThreads } from "./on-threads.js";
import { MADE, mapValues, rmseOf, SMALL } from "./ratings.js";

onThreads();

const PLAIN: Rating = { biases: false, globalMean: false };
const FREE: Rating = { regularization: 0, damping: 0, biasRegularization: 0, biasDamping: 0 };

/** Ways to set the model up that take different paths. */
const VARIANTS: readonly (readonly [string, Rating])[] = [
  ["the defaults", {}],
  ["plain λ, an even number of factors", { ...PLAIN, factors: 8, regularization: 0, damping: 5 }],
  ["λ by count, no biases", { biases: false, regularization: 0.1, damping: 0 }],
  ["non-negative", { ...PLAIN, nonNegative: true, damping: 0.5 }],
  ["non-negative, with biases, 16 factors", { nonNegative: true, factors: 16, damping: 0.5 }],
  ["hardly any ridge", { damping: 1e-3, regularization: 1e-4, biasDamping: 0, biasRegularization: 0 }],
];

async function fitted(own: Rating, train = SMALL): Promise<AlternatingLeastSquares> {
  const model = rating(own);
  onTestFinished(() => model.dispose());
  return model.fit(train);
}

describe("the same seed, the same bits on any number of threads", () => {
  test.each(VARIANTS)("%s", async (_, own) => {
    const bits: Buffer[] = [];
    for (const threads of [1, 2, 3, 5, 7]) bits.push(bitsOf(await fitted({ ...own, epochs: 2, threads }, MADE)));
    for (const other of bits.slice(1)) expect(other.equals(bits[0]!)).toBe(true);
    const another = bitsOf(await fitted({ ...own, epochs: 2, seed: 2 }, MADE));
    expect(another.equals(bits[0]!)).toBe(false);
  });

  test("an item of more ratings than a slice has", async () => {
    const long = withLongColumn();
    const bits: Buffer[] = [];
    for (const threads of [1, 2, 3, 5, 7]) {
      const model = await fitted({ factors: 3, epochs: 2, threads }, long);
      bits.push(bitsOf(model));
      const own = historyOfItem(long, 0);
      expect(own.length).toBe(40_000);
      if (threads === 1) expect(model.predict(7, model.foldInItem(own))).toBe(model.predict(7, 0));
    }
    for (const other of bits.slice(1)) expect(other.equals(bits[0]!)).toBe(true);
  });
});

describe("the objective", () => {
  // Measured: 0 everywhere but for 5e-9 at rest.
  test.each(VARIANTS)("never rises from one half-step to the next: %s", async (_, own) => {
    const { objectives, jittered } = await halfSteps(rating({ ...own, epochs: 30 }), SMALL);
    expect(objectives.length).toBe(60);
    expect(greatestRise(objectives)).toBeLessThan(1e-7);
    expect(objectives.at(-1)! / objectives[0]!).toBeLessThan(0.9);
    expect(jittered).toBe(0);
  });

  test("scales with the square of the ratings, and learns the same of them", async () => {
    const plain = await halfSteps(rating({}), SMALL);
    const scaled = await halfSteps(
      rating({}),
      mapValues(SMALL, (value) => value * 32),
    );
    for (const [at, objective] of plain.objectives.entries()) {
      expect(scaled.objectives[at]! / objective / 1024).toBeCloseTo(1, 4);
    }
  });
});

describe("onEpoch and onHalfStep", () => {
  test("tell of every epoch and its halves, in order", async () => {
    const told: (AlternatingReport | HalfStepReport)[] = [];
    const model = rating({ epochs: 3, clip: false });
    onTestFinished(() => model.dispose());
    await model.fit(SMALL, { onEpoch: (report) => told.push(report), onHalfStep: (half) => told.push(half) });
    expect(told.map((each) => [each.epoch, "side" in each ? each.side : each.epochs])).toEqual(
      [1, 2, 3].flatMap((epoch) => [
        [epoch, "users"],
        [epoch, "items"],
        [epoch, 3],
      ]),
    );
    const last = told.at(-1) as AlternatingReport;
    expect(last.trainRmse).toBeCloseTo(rmseOf(model, SMALL), 5);
    expect(last).toMatchObject({ validationRmse: undefined, isBest: true, jitteredRows: 0 });
    expect(last.objective).toBe(told.at(-2)!.objective);
    expect(last.ratingsPerSecond).toBeCloseTo(SMALL.size / last.seconds, 6);
  });

  test("change nothing of what is learned, however long it rests", async () => {
    const quiet = bitsOf(await fitted({ factors: 3, epochs: 400 }));
    const listening = rating({ factors: 3, epochs: 400 });
    onTestFinished(() => listening.dispose());
    let epochs = 0;
    await listening.fit(SMALL, { onEpoch: () => epochs++, onHalfStep: () => {} });
    expect(epochs).toBe(400);
    expect(bitsOf(listening).equals(quiet)).toBe(true);
  });

  test("what they throw ends the fit", async () => {
    const fail = (): never => {
      throw new Error("seen enough");
    };
    await expect(rating({}).fit(SMALL, { onHalfStep: fail })).rejects.toThrow("seen enough");
    await expect(rating({}).fit(SMALL, { onEpoch: fail })).rejects.toThrow("seen enough");
  });
});

describe("tolerance", () => {
  test("ends the fit after the first epoch that lowers the objective by less than its share", async () => {
    const told: number[] = [];
    const model = rating({ epochs: 200, tolerance: 1e-3 });
    onTestFinished(() => model.dispose());
    await model.fit(SMALL, { onEpoch: ({ objective }) => told.push(objective) });
    const shares = told.slice(1).map((objective, at) => (told[at]! - objective) / objective);
    expect(told.length).toBeGreaterThan(3);
    expect(told.length).toBeLessThan(100);
    expect(shares.slice(0, -1).every((share) => share >= 1e-3)).toBe(true);
    expect(shares.at(-1)!).toBeLessThan(1e-3);
    const same = bitsOf(await fitted({ epochs: told.length }));
    expect(bitsOf(model).equals(same)).toBe(true);
    expect(bitsOf(await fitted({ epochs: 200, tolerance: 1e-3 })).equals(same)).toBe(true); // also with nobody listening
  });
});

describe("validation", () => {
  const { train, test: held } = SMALL.split({ testFraction: 0.2, seed: 3 });
  const OVERFITTING: Rating = { factors: 4, regularization: 0, damping: 2, initialScale: 1e-3, epochs: 20 };

  async function reportsOf(fitOptions: { patience?: number }) {
    const reports: AlternatingReport[] = [];
    const model = rating(OVERFITTING);
    onTestFinished(() => model.dispose());
    await model.fit(train, { validation: held, ...fitOptions, onEpoch: (report) => reports.push(report) });
    return { model, reports };
  }

  test("keeps the factors of the best epoch, to the bit; patience ends the fit so many epochs behind it", async () => {
    const { model, reports } = await reportsOf({});
    const rmses = reports.map(({ validationRmse }) => validationRmse!);
    const best = 1 + rmses.indexOf(Math.min(...rmses));
    expect(best).toBeGreaterThan(1);
    expect(best).toBeLessThan(17);
    expect(rmses.at(-1)!).toBeGreaterThan(rmses[best - 1]! * 1.02);
    expect(rmseOf(model, held)).toBeCloseTo(rmses[best - 1]!, 5);
    const stopped = rating({ ...OVERFITTING, epochs: best });
    onTestFinished(() => stopped.dispose());
    expect(bitsOf(model).equals(bitsOf(await stopped.fit(train)))).toBe(true);
    const impatient = await reportsOf({ patience: 3 });
    expect(impatient.reports.map(({ validationRmse }) => validationRmse)).toEqual(rmses.slice(0, best + 3));
    expect(bitsOf(impatient.model).equals(bitsOf(model))).toBe(true);
  });
});

describe("signal", () => {
  test("aborted in the middle: it rejects with the reason, and an earlier fit is as it was", async () => {
    const { arena } = engine();
    const model = await fitted({ epochs: 30 });
    const before = { bits: bitsOf(model), bytes: arena.bytesInUse };
    for (const at of ["onEpoch", "onHalfStep"] as const) {
      const controller = new AbortController();
      const listener = ({ epoch }: { epoch: number }): void => {
        if (epoch === 3) controller.abort("enough");
      };
      await expect(model.fit(MADE, { [at]: listener, signal: controller.signal })).rejects.toBe("enough");
      expect({ bits: bitsOf(model), bytes: arena.bytesInUse }).toEqual(before);
    }
    await expect(model.fit(MADE, { signal: AbortSignal.abort("not today") })).rejects.toBe("not today");
    expect(model.users).toBe(SMALL.users);
  });
});

describe("rows that are solved alone are what they were in training", () => {
  test.each(VARIANTS)("items, the last that were solved for: %s", async (_, own) => {
    const model = await fitted({ ...own, epochs: 12, clip: false });
    const exact = own.nonNegative !== true;
    for (const item of SMALL.items) {
      const folded = model.foldInItem(historyOfItem(SMALL, item));
      for (const user of [...SMALL.users].slice(0, 9)) {
        const [alone, stored] = [model.predict(user, folded), model.predict(user, item)];
        if (exact) expect(alone).toBe(stored);
        else expect(Math.abs(alone - stored)).toBeLessThan(1e-3); // descent goes on from where it was
      }
    }
  });

  test("explain: what the interactions add sums to the score, for stored users but for what remains", async () => {
    const model = await fitted({ epochs: 12, clip: false });
    for (const user of [...SMALL.users].slice(0, 5)) {
      const { contributions, base, score, remainder } = model.explain(user, 7);
      const sum = contributions.reduce((total, { contribution }) => total + contribution, base);
      expect(sum + remainder).toBeCloseTo(score, 5);
      const folded = model.foldIn(historyOfUser(SMALL, user));
      expect(sum).toBeCloseTo(model.predict(folded, 7), 4);
      expect(Math.abs(remainder)).toBeLessThan(0.1);
    }
  });
});

describe("what cannot be solved", () => {
  test("rows shorter than their factors, without a ridge: counted, and fitted all the same", async () => {
    const jittered: number[] = [];
    const model = rating({ ...PLAIN, ...FREE, factors: 30, epochs: 3, clip: false });
    onTestFinished(() => model.dispose());
    const few = SMALL.split({ testFraction: 0.5, seed: 2 }).train;
    await model.fit(few, { onHalfStep: ({ jitteredRows }) => jittered.push(jitteredRows) });
    const short = [few.matrix, few.transposed].map(
      (matrix) =>
        Array.from({ length: matrix.numRows }, (_, row) => matrix.rowLength(row)).filter((n) => n > 0 && n < 30).length,
    );
    expect(short[0]).toBeGreaterThan(10);
    expect(jittered[0]).toBeGreaterThanOrEqual(short[0]!);
    expect(jittered[1]).toBeGreaterThanOrEqual(short[1]!);
    expect(rmseOf(model, few)).toBeLessThan(0.05);
  });

  test("numbers beyond single precision: an error that names the model and the user, and nothing is left behind", async () => {
    const { arena } = engine();
    const model = await fitted({});
    const before = { bits: bitsOf(model), bytes: arena.bytesInUse };
    const beyond = Interactions.fromObjects([...SMALL, { userId: "carol", itemId: 3, value: 1e36 }]);
    await expect(model.fit(beyond)).rejects.toThrow(
      /^AlternatingLeastSquares: the interactions of (user|item) ("carol"|\d+) have no solution in single precision; fit with/,
    );
    expect({ bits: bitsOf(model), bytes: arena.bytesInUse }).toEqual(before);
  });
});

test("a file keeps what rows are solved from", async () => {
  const model = await fitted({ regularization: 0.3, damping: 2, nonNegative: true, biases: false });
  const again = (await load(model.toBytes())) as AlternatingLeastSquares;
  onTestFinished(() => again.dispose());
  expect(again).toBeInstanceOf(AlternatingLeastSquares);
  expect(again.options).toEqual(model.options);
  expect(bitsOf(again).equals(bitsOf(model))).toBe(true);
  const history = historyOfUser(SMALL, 5).slice(3);
  expect(again.explain(again.foldIn(history), 7)).toEqual(model.explain(model.foldIn(history), 7));
});
