/** What `ImplicitALS` minimises is what is documented: each objective by its own formula, and its least found. */
import { describe, expect, onTestFinished, test } from "vitest";
import { ImplicitALS } from "../../src/models/implicit-als.js";
import { IMPLICIT_OBJECTIVES, type ImplicitALSOptions } from "../../src/models/implicit-als-options.js";
import type { HalfStepReport } from "../../src/models/model.js";
import {
  bestHalf,
  confidenceObjective,
  huKorenVolinskyObjective,
  implicitObjective,
  rendleObjective,
  sparkObjective,
  type TwinConfidences,
  type TwinObjective,
  type TwinTable,
} from "../twins/objectives.js";
import { solveEquations } from "../twins/ridge-row.js";
import { interactionsOf, leastRise, randomTable, remainingSlope, totalOf, twinOf } from "./objectives.js";

interface Case {
  readonly name: string;
  readonly options: Partial<ImplicitALSOptions>;
  readonly objective: TwinObjective;
  readonly table: TwinTable;
}

const COUNTS = randomTable(14, 11, (draw) => 1 + Math.floor(8 * draw));
const ONES = COUNTS.map((row) => row.map((value) => value && 1));
const HOURS = randomTable(14, 11, (draw) => 0.05 / (1.02 - draw), 2);
const WITH_DISLIKES = randomTable(14, 11, (draw) => 6 * draw - 2, 3);
/** Some of the values are zero: looked at, and no liking. */
const WITH_ZEROS = COUNTS.map((row, user) => row.map((value, item) => (value && (user + item) % 5 === 0 ? 0 : value)));

const { huKorenVolinsky, implicit, spark, rendle } = IMPLICIT_OBJECTIVES;

const ofHours = (own: Partial<TwinConfidences>): TwinObjective =>
  confidenceObjective({
    weightOf: (r) => 2 * Math.log(1 + Math.abs(r) / 0.25),
    unobservedWeight: 0.2,
    observed: "added",
    lambda: 0.05,
    exponent: 0.6,
    countUnobserved: true,
    ...own,
  });
const HOUR_OPTIONS = {
  confidence: "log",
  alpha: 2,
  epsilon: 0.25,
  unobservedWeight: 0.2,
  regularization: 0.05,
  regularizationExponent: 0.6,
} as const;
const magnitude = Math.abs;

const CASES: readonly Case[] = [
  {
    name: "Hu, Koren, Volinsky",
    options: { ...huKorenVolinsky, regularization: 20 },
    objective: huKorenVolinskyObjective(40, 20),
    table: COUNTS,
  },
  {
    name: "Hu, Koren, Volinsky, with values of zero",
    options: { ...huKorenVolinsky, alpha: 3, regularization: 0.5 },
    objective: huKorenVolinskyObjective(3, 0.5),
    table: WITH_ZEROS,
  },
  {
    name: "implicit",
    options: { ...implicit, alpha: 2, regularization: 0.5 },
    objective: implicitObjective(2, 0.5),
    table: COUNTS,
  },
  {
    name: "Spark",
    options: { ...spark, alpha: 2, regularization: 0.1 },
    objective: sparkObjective(2, 0.1),
    table: COUNTS,
  },
  {
    name: "Spark, with dislikes",
    options: { ...spark, alpha: 1.5, regularization: 0.1 },
    objective: sparkObjective(1.5, 0.1),
    table: WITH_DISLIKES,
  },
  {
    name: "Rendle",
    options: { ...rendle, regularization: 0.02 },
    objective: rendleObjective(0.1, 0.02, 1),
    table: ONES,
  },
  {
    name: "Rendle, ν = .6",
    options: { ...rendle, unobservedWeight: 0.3, regularization: 0.05, regularizationExponent: 0.6 },
    objective: rendleObjective(0.3, 0.05, 0.6),
    table: ONES,
  },
  { name: "logarithmic, ν = .6", options: HOUR_OPTIONS, objective: ofHours({}), table: HOURS },
  {
    name: "logarithmic, raised, what was not observed not counted",
    options: { ...HOUR_OPTIONS, observedLoss: "raised", countUnobserved: false },
    objective: ofHours({ observed: "raised", countUnobserved: false }),
    table: HOURS,
  },
  {
    name: "given",
    options: { ...HOUR_OPTIONS, confidence: "given" },
    objective: ofHours({ weightOf: magnitude }),
    table: HOURS,
  },
  {
    name: "given, replaced, with dislikes",
    options: { ...HOUR_OPTIONS, confidence: "given", observedLoss: "replaced", unobservedWeight: 1e-3 },
    objective: ofHours({ weightOf: magnitude, observed: "replaced", unobservedWeight: 1e-3 }),
    table: WITH_DISLIKES,
  },
  {
    name: "linear, dislikes and nothing else known",
    options: { ...HOUR_OPTIONS, confidence: "linear", unobservedWeight: 0 },
    objective: ofHours({ weightOf: (r) => 2 * magnitude(r), unobservedWeight: 0 }),
    table: WITH_DISLIKES,
  },
];

interface Fit {
  readonly model: ImplicitALS;
  readonly epochs: number[];
  readonly halves: HalfStepReport[];
}

async function fitOf({ options, table }: Case, own: Partial<ImplicitALSOptions>): Promise<Fit> {
  const model = new ImplicitALS({ factors: 3, ...options, ...own });
  onTestFinished(() => model.dispose());
  const [epochs, halves]: [number[], HalfStepReport[]] = [[], []];
  await model.fit(interactionsOf(table), {
    onEpoch: ({ objective }) => epochs.push(objective),
    onHalfStep: (half) => halves.push(half),
  });
  return { model, epochs, halves };
}

describe.each(CASES)("$name", (each) => {
  const { objective, table } = each;

  test("the objective that is told is the formula's, to 1e-6", async () => {
    for (const solver of ["cholesky", "conjugateGradient", "subspace", "gradientDescent"] as const) {
      for (const factors of [3, 10]) {
        const own = { epochs: 3, solver, factors, blockSize: 8 };
        const { model, epochs, halves } = await fitOf(each, own);
        const expected = totalOf(objective, table, twinOf(model));
        expect(Math.abs(epochs.at(-1)! / expected - 1)).toBeLessThan(1e-6); // measured: 2e-7
        expect(halves.at(-1)!.objective).toBe(epochs.at(-1));
      }
    }
  });

  test("after users were solved for, it is the least there is with the items as they were, to 1e-6", async () => {
    const { model } = await fitOf(each, { epochs: 2 });
    const { halves } = await fitOf(each, { epochs: 3 });
    const best = bestHalf(objective, table, twinOf(model), "users", solveEquations);
    expect(halves[4]).toMatchObject({ epoch: 3, side: "users", jitteredRows: 0 });
    expect(Math.abs(halves[4]!.objective / totalOf(objective, table, best) - 1)).toBeLessThan(1e-6);
  });

  // Measured: a slope of at most 2e-5 of the penalty's, steps of 1e-3 add 6e-7 at least, steps of 1e-5 6e-11.
  test("at rest there is no way down: the slope is nothing, and no small step lowers it", async () => {
    const model = new ImplicitALS({ factors: 3, ...each.options, epochs: 1000, threads: 1 });
    onTestFinished(() => model.dispose());
    const twin = twinOf(await model.fit(interactionsOf(table)));
    expect(remainingSlope(objective, table, twin)).toBeLessThan(1e-4);
    expect(leastRise(objective, table, twin, 1e-3)).toBeGreaterThan(1e-7);
    expect(leastRise(objective, table, twin, 1e-5)).toBeGreaterThan(0);
  });
});
