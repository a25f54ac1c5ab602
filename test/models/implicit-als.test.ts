import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { syntheticRatings } from "../../src/data/synthetic.js";
import { engine } from "../../src/engine/engine.js";
import { load } from "../../src/load.js";
import type { ImplicitALS, ImplicitReport } from "../../src/models/implicit-als.js";
import { IMPLICIT_OBJECTIVES, type ImplicitSolver } from "../../src/models/implicit-als-options.js";
import type { HalfStepReport } from "../../src/models/model.js";
import { rendleObjective } from "../twins/objectives.js";
import { bitsOf, greatestRise, halfSteps, type Implicit, implicit, withLongColumn } from "./alternating-cases.js";
import { historyOfItem, historyOfUser } from "./contract/subject.js";
import { interactionsOf, randomTable, remainingSlope, twinOf } from "./objectives.js";
import { onThreads } from "./on-threads.js";
import { MADE, mapValues, SMALL } from "./ratings.js";

onThreads();

const SOLVERS: readonly ImplicitSolver[] = ["cholesky", "conjugateGradient", "subspace", "gradientDescent"];
const ALTERNATING = SOLVERS.slice(0, 3);

/** Ways to set the model up that take different paths. */
const VARIANTS: readonly (readonly [string, Implicit])[] = [
  ["the defaults", {}],
  ["an even number of factors, linear", { factors: 8, confidence: "linear", alpha: 3 }],
  ["steps of one, blocks of 8 of 20", { factors: 20, steps: 1, blockSize: 8, confidence: "given" }],
  ["Hu, Koren, Volinsky", { ...IMPLICIT_OBJECTIVES.huKorenVolinsky, regularization: 1 }],
  ["implicit", { ...IMPLICIT_OBJECTIVES.implicit, regularization: 1 }],
  ["ν = .6, α₀ = 0", { regularizationExponent: 0.6, unobservedWeight: 0, regularization: 0.5 }],
];
const CASES = VARIANTS.flatMap(([name, own]) => SOLVERS.map((solver) => [solver, name, { ...own, solver }] as const));

async function fitted(own: Implicit, train = SMALL): Promise<ImplicitALS> {
  const model = implicit(own);
  onTestFinished(() => model.dispose());
  return model.fit(train);
}

describe("the same seed, the same bits on any number of threads", () => {
  test.each(CASES)("%s, %s", async (_, __, own) => {
    const bits: Buffer[] = [];
    for (const threads of [1, 2, 3, 5, 7]) bits.push(bitsOf(await fitted({ ...own, epochs: 2, threads }, MADE)));
    for (const other of bits.slice(1)) expect(other.equals(bits[0]!)).toBe(true);
    expect(bitsOf(await fitted({ ...own, epochs: 2, seed: 2 }, MADE)).equals(bits[0]!)).toBe(false);
  });

  test.each(SOLVERS)("an item of more interactions than a slice has, by %s", async (solver) => {
    const long = withLongColumn();
    const bits: Buffer[] = [];
    for (const threads of [1, 2, 3, 5, 7]) {
      const model = await fitted({ factors: 3, epochs: 2, solver, threads }, long);
      bits.push(bitsOf(model));
      if (threads > 1 || solver === "gradientDescent") continue;
      const folded = model.foldInItem(historyOfItem(long, 0));
      expect(folded.size).toBe(40_000);
      expect(model.predict(7, folded)).toBe(model.predict(7, 0)); // long ones are solved exactly by every solver
    }
    for (const other of bits.slice(1)) expect(other.equals(bits[0]!)).toBe(true);
  });
});

describe("short rows of many users", () => {
  /** 3,000 users of about ten interactions: fewer than factors, and enough of them to find the axes for. */
  const MANY = syntheticRatings({ numUsers: 3000, numItems: 200, numRatings: 30_000, seed: 9 }).interactions;
  const own = { factors: 32, epochs: 3 };

  test("are solved from their entries' side, to the same bits on any number of threads", async () => {
    const run = vi.spyOn(engine(), "run");
    onTestFinished(() => run.mockRestore());
    const bits: Buffer[] = [];
    for (const threads of [1, 2, 3]) bits.push(bitsOf(await fitted({ ...own, threads }, MANY)));
    expect(run.mock.calls.filter(([{ kernel }]) => kernel === "shortRows").length).toBeGreaterThanOrEqual(9);
    for (const other of bits.slice(1)) expect(other.equals(bits[0]!)).toBe(true);
  });

  test("bring the objective down at every half-step, and are what each is when solved alone", async () => {
    const { objectives, jittered } = await halfSteps(implicit({ ...own, epochs: 12 }), MANY);
    expect(jittered).toBe(0);
    expect(greatestRise(objectives)).toBeLessThan(1e-6);
    const model = await fitted(own, MANY);
    const item = model.items.idAt(17);
    const folded = model.foldInItem(historyOfItem(MANY, item));
    for (const user of [0, 5, 99].map((index) => model.users.idAt(index))) {
      expect(model.predict(user, folded)).toBeCloseTo(model.predict(user, item), 5);
    }
  });
});

describe("the objective", () => {
  test.each(CASES)("never rises from one half-step to the next: %s, %s", async (solver, _, own) => {
    const { objectives, jittered } = await halfSteps(implicit({ ...own, epochs: 25 }), SMALL);
    expect(objectives.length).toBe(solver === "gradientDescent" ? 25 : 50);
    expect(greatestRise(objectives)).toBeLessThan(2e-7); // measured: 6e-8, at rest
    expect(objectives.at(-1)! / objectives[0]!).toBeLessThan(0.99);
    expect(jittered).toBe(0);
  });

  // Measured: 4e-8 apart.
  test("comes to the same least by every solver that alternates, to 1e-4", async () => {
    const ends: number[] = [];
    for (const solver of ALTERNATING) {
      for (const factors of [4, 20]) {
        const own = { factors, solver, blockSize: 8, epochs: 300, regularization: 0.1 };
        ends.push((await halfSteps(implicit(own), SMALL)).objectives.at(-1)!);
      }
    }
    for (const at of [0, 1]) {
      for (const end of ends.filter((_, index) => index % 2 === at))
        expect(Math.abs(end / ends[at]! - 1)).toBeLessThan(1e-4);
    }
  });

  // Measured: slopes of 4, .03 and .0015 of the penalty's, where alternating comes to 3e-6.
  test("gradient descent comes close to it, its slope falling", async () => {
    const table = randomTable(14, 11, () => 1, 6);
    const objective = rendleObjective(0.1, 0.1, 1);
    const own = { ...IMPLICIT_OBJECTIVES.rendle, factors: 2, regularization: 0.1 };
    const exact = await halfSteps(implicit({ ...own, epochs: 500 }), interactionsOf(table));
    const slopes: number[] = [];
    for (const epochs of [3, 30, 300]) {
      const model = implicit({ ...own, solver: "gradientDescent", epochs, threads: 1 });
      onTestFinished(() => model.dispose());
      const told: number[] = [];
      await model.fit(interactionsOf(table), { onHalfStep: (half) => told.push(half.objective) });
      slopes.push(remainingSlope(objective, table, twinOf(model)));
      if (epochs === 300) expect(told.at(-1)! / exact.objectives.at(-1)! - 1).toBeLessThan(1e-3);
    }
    for (const [at, slope] of slopes.slice(1).entries()) expect(slope).toBeLessThan(slopes[at]!);
    expect(slopes.at(-1)!).toBeLessThan(5e-3);
  });
});

describe("onEpoch and onHalfStep", () => {
  test("tell of every epoch and its halves, in order", async () => {
    for (const solver of SOLVERS) {
      const told: (ImplicitReport | HalfStepReport)[] = [];
      const model = implicit({ epochs: 2, solver });
      onTestFinished(() => model.dispose());
      await model.fit(SMALL, { onEpoch: (report) => told.push(report), onHalfStep: (half) => told.push(half) });
      const halves = solver === "gradientDescent" ? ["items"] : ["users", "items"];
      expect(told.map((each) => [each.epoch, "side" in each ? each.side : each.epochs])).toEqual(
        [1, 2].flatMap((epoch) => [...halves.map((side) => [epoch, side]), [epoch, 2]]),
      );
      const last = told.at(-1) as ImplicitReport;
      expect(last.objective).toBe(told.at(-2)!.objective);
      expect(last.ratingsPerSecond).toBeCloseTo(SMALL.size / last.seconds, 6);
    }
  });

  test("change nothing of what is learned, however long it rests; tolerance ends it", async () => {
    const own = { factors: 3, epochs: 400 };
    const quiet = bitsOf(await fitted(own));
    const told: number[] = [];
    const listening = implicit(own);
    onTestFinished(() => listening.dispose());
    await listening.fit(SMALL, { onEpoch: ({ objective }) => told.push(objective) });
    expect(told.length).toBe(400);
    expect(bitsOf(listening).equals(quiet)).toBe(true);
    const shares = told.slice(1).map((objective, at) => (told[at]! - objective) / objective);
    const epochs = 2 + shares.findIndex((share) => share < 1e-3);
    expect(epochs).toBeLessThan(100);
    const tolerant = await fitted({ ...own, tolerance: 1e-3 });
    expect(bitsOf(tolerant).equals(bitsOf(await fitted({ ...own, epochs })))).toBe(true);
  });
});

test.each(SOLVERS)("aborted in the middle, by %s: it rejects, and an earlier fit is as it was", async (solver) => {
  const { arena } = engine();
  const model = await fitted({ solver, epochs: 10 });
  const before = { bits: bitsOf(model), bytes: arena.bytesInUse };
  const controller = new AbortController();
  const onHalfStep = ({ epoch }: HalfStepReport): void => {
    if (epoch === 3) controller.abort("enough");
  };
  await expect(model.fit(MADE, { onHalfStep, signal: controller.signal })).rejects.toBe("enough");
  expect({ bits: bitsOf(model), bytes: arena.bytesInUse }).toEqual(before);
  await expect(model.fit(MADE, { signal: AbortSignal.abort("not today") })).rejects.toBe("not today");
  const fail = (): never => {
    throw new Error("seen enough");
  };
  await expect(model.fit(MADE, { onEpoch: fail })).rejects.toThrow("seen enough");
  expect({ bits: bitsOf(model), bytes: arena.bytesInUse }).toEqual(before);
});

describe("rows that are solved alone", () => {
  test.each(VARIANTS)("are to the bit what items, the last that were solved for, are: %s", async (_, own) => {
    const model = await fitted({ ...own, epochs: 8 });
    for (const item of SMALL.items) {
      const folded = model.foldInItem(historyOfItem(SMALL, item));
      for (const user of [...SMALL.users].slice(0, 9))
        expect(model.predict(user, folded)).toBe(model.predict(user, item));
    }
  });

  test("explain: likings add, dislikes do not, and the sum is the score of a fold-in", async () => {
    const train = mapValues(SMALL, (value) => value - 2); // ratings below 2 are dislikes
    const model = await fitted({ epochs: 12, confidence: "linear" }, train);
    for (const user of [...SMALL.users].slice(0, 8)) {
      const { contributions, base, score, remainder } = model.explain(user, 7);
      const sum = contributions.reduce((total, { contribution }) => total + contribution, 0);
      expect(base).toBe(0);
      expect(sum + remainder).toBeCloseTo(score, 6);
      expect(contributions.filter(({ value, contribution }) => value <= 0 && contribution !== 0)).toEqual([]);
      const folded = model.foldIn(historyOfUser(train, user));
      expect(sum).toBeCloseTo(model.predict(folded, 7), 5);
    }
  });
});

describe("epsilon by itself", () => {
  test("is the median of what is learned from, in files too, whatever comes later", async () => {
    const auto = await fitted({});
    const median = [...SMALL.matrix.values].toSorted((a, b) => a - b)[SMALL.size >> 1]!;
    const explicit = await fitted({ epsilon: median });
    expect(bitsOf(auto).equals(bitsOf(explicit))).toBe(true);
    expect(bitsOf(auto).equals(bitsOf(await fitted({ epsilon: median / 2 })))).toBe(false);
    const again = (await load(auto.toBytes())) as ImplicitALS;
    onTestFinished(() => again.dispose());
    expect(again.options).toEqual(auto.options);
    expect(again.options.epsilon).toBe("auto");
    const more = Interactions.fromObjects(
      [...SMALL]
        .map((each) => ({ ...each, userId: 1000, value: 500 + each.value }))
        .filter(({ itemId }, at, all) => all.findIndex((other) => other.itemId === itemId) === at),
    );
    for (const model of [auto, explicit, again]) await model.partialFit(more);
    expect(bitsOf(again).equals(bitsOf(auto))).toBe(true);
    expect(bitsOf(explicit).equals(bitsOf(auto))).toBe(true);
    const history = historyOfUser(SMALL, 5);
    expect(again.recommend(again.foldIn(history))).toEqual(explicit.recommend(explicit.foldIn(history)));
  });
});

describe("what cannot be solved", () => {
  test("rows shorter than their factors, without a ridge or a weight for the rest: counted", async () => {
    for (const solver of ["cholesky", "subspace"] as const) {
      const jittered: number[] = [];
      const model = implicit({ solver, factors: 64, blockSize: 64, unobservedWeight: 0, regularization: 0, epochs: 2 });
      onTestFinished(() => model.dispose());
      await model.fit(SMALL, { onHalfStep: ({ jitteredRows }) => jittered.push(jitteredRows) });
      expect(jittered).toEqual([60, 40, 60, 40]); // none has 64
      const scores = [...SMALL].map(({ userId, itemId }) => model.predict(userId, itemId));
      expect(Math.max(...scores.map((score) => Math.abs(score - 1)))).toBeLessThan(0.05);
    }
  });

  test.each(ALTERNATING)("weights beyond single precision: an error that names who, by %s", async (solver) => {
    const { arena } = engine();
    const model = await fitted({ solver, confidence: "given" });
    const before = { bits: bitsOf(model), bytes: arena.bytesInUse };
    const beyond = Interactions.fromObjects([...SMALL, { userId: "carol", itemId: 3, value: 3e38 }]);
    const linear = implicit({ solver, confidence: "linear", alpha: 100 });
    onTestFinished(() => linear.dispose());
    await expect(linear.fit(beyond)).rejects.toThrow(
      /^ImplicitALS: the interactions of user "carol" have no solution in single precision; fit with more regularization/,
    );
    expect({ bits: bitsOf(model), bytes: arena.bytesInUse }).toEqual(before);
  });

  test("a weight below the one that it replaces, in fit, partialFit and foldIn", async () => {
    const own = { ...IMPLICIT_OBJECTIVES.implicit, alpha: 2 };
    const message =
      "the weight of an interaction must be at least unobservedWeight, 1, where it replaces it, got 0.5 for the value 0.25; raise alpha";
    const { arena } = engine();
    const model = await fitted(own);
    const before = { bits: bitsOf(model), bytes: arena.bytesInUse };
    const weak = Interactions.fromObjects([{ userId: 1, itemId: 2, value: 0.25 }]);
    await expect(model.fit(weak)).rejects.toThrow(new RangeError(message));
    await expect(model.partialFit(weak)).rejects.toThrow(new RangeError(message));
    expect(() => model.foldIn([{ itemId: 2, value: 0.25 }])).toThrow(new RangeError(message));
    expect({ bits: bitsOf(model), bytes: arena.bytesInUse }).toEqual(before);
  });
});
