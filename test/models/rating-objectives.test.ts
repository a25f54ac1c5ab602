/** What `AlternatingLeastSquares` minimises is what is documented: the objective by its formula, and its least found. */
import { describe, expect, onTestFinished, test } from "vitest";
import { AlternatingLeastSquares } from "../../src/models/alternating-least-squares.js";
import {
  ALTERNATING_LEAST_SQUARES_DEFAULTS,
  type AlternatingLeastSquaresOptions,
} from "../../src/models/alternating-least-squares-options.js";
import type { HalfStepReport } from "../../src/models/model.js";
import { ratingObjective, type TwinObjective } from "../twins/objectives.js";
import { interactionsOf, leastRise, randomTable, remainingSlope, totalOf, twinOf } from "./objectives.js";

const STARS = randomTable(14, 11, (draw) => 1 + Math.floor(5 * draw));
const HOURS = randomTable(14, 11, (draw) => 0.05 / (1.02 - draw), 2);
const PLAIN = { biases: false, globalMean: false } as const;

const CASES = [
  { name: "with biases", options: { regularization: 0.04, damping: 3 }, table: STARS },
  { name: "with biases, of hours", options: { regularization: 0.04, damping: 0.5 }, table: HOURS },
  { name: "plain λ", options: { ...PLAIN, regularization: 0, damping: 2 }, table: STARS },
  { name: "λ by count", options: { ...PLAIN, regularization: 0.2, damping: 0 }, table: STARS },
  { name: "the mean, and no biases", options: { biases: false, regularization: 0.05, damping: 0.1 }, table: STARS },
  { name: "biases, and no mean", options: { globalMean: false, regularization: 0.05, damping: 0.1 }, table: STARS },
  { name: "non-negative", options: { ...PLAIN, nonNegative: true, regularization: 0.02, damping: 0.1 }, table: HOURS },
  {
    name: "non-negative, with biases",
    options: { nonNegative: true, regularization: 0.02, damping: 0.2 },
    table: HOURS,
  },
] satisfies { name: string; options: Partial<AlternatingLeastSquaresOptions>; table: unknown }[];

/** A fitted model and the formula of what it minimises. */
async function fitOf(
  { options, table }: (typeof CASES)[number],
  own: Partial<AlternatingLeastSquaresOptions>,
  listeners: Parameters<AlternatingLeastSquares["fit"]>[1] = {},
): Promise<{ model: AlternatingLeastSquares; objective: TwinObjective }> {
  const all = { ...ALTERNATING_LEAST_SQUARES_DEFAULTS, factors: 3, ...options, ...own };
  const model = new AlternatingLeastSquares(all);
  onTestFinished(() => model.dispose());
  await model.fit(interactionsOf(table), listeners);
  return { model, objective: ratingObjective({ ...all, offset: model.offset }) };
}

describe.each(CASES)("$name", (each) => {
  const { options, table } = each;
  const biases = !("biases" in options);
  const nonNegative = "nonNegative" in options;

  test("the objective that is told is the formula's, to 1e-6, and so is the error", async () => {
    for (const factors of [3, 10]) {
      const halves: HalfStepReport[] = [];
      const reports: { objective: number; trainRmse: number }[] = [];
      const { model, objective } = await fitOf(
        each,
        { epochs: 3, factors },
        { onEpoch: (report) => reports.push(report), onHalfStep: (half) => halves.push(half) },
      );
      const twin = twinOf(model);
      const { objective: told, trainRmse } = reports.at(-1)!;
      expect(Math.abs(told / totalOf(objective, table, twin) - 1)).toBeLessThan(1e-6);
      expect(halves.at(-1)!.objective).toBe(told);
      const size = interactionsOf(table).size;
      expect(trainRmse).toBeCloseTo(Math.sqrt(objective(table, twin).loss / size), 5);
      expect([...twin.userBias, ...twin.itemBias].some((bias) => bias !== 0)).toBe(biases);
    }
  });

  // Measured: a slope of at most 1e-6 of the penalty's, steps of 1e-3 add 1e-6 at least, steps of 1e-5 2e-10.
  test("at rest there is no way down: the slope is nothing, and no small step lowers it", async () => {
    const { model, objective } = await fitOf(each, { epochs: 1000, threads: 1 });
    const twin = twinOf(model);
    const factors = [...twin.users, ...twin.items].flatMap((row) => [...row]);
    expect(factors.filter((factor) => factor < 0).length > 0).toBe(!nonNegative);
    if (nonNegative) expect(factors.filter((factor) => factor === 0).length).toBeGreaterThan(3); // the bound is felt
    expect(remainingSlope(objective, table, twin, { biases, nonNegative })).toBeLessThan(1e-5);
    expect(leastRise(objective, table, twin, 1e-3, { biases, nonNegative })).toBeGreaterThan(1e-7);
    expect(leastRise(objective, table, twin, 1e-5, { biases, nonNegative })).toBeGreaterThan(0);
  });
});
