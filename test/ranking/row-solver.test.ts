import { afterAll, describe, expect, test } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { hyperbolicTangent, logistic, rectified } from "../../src/ranking/link.js";
import { NO_RIDGE, RatingEquations } from "../../src/ranking/row-equations.js";
import { explainRow, solveRow } from "../../src/ranking/row-solver.js";
import { VARIANTS } from "../assembly/kernel-memory.js";
import { nmse } from "../assembly/rating-pass.js";
import { confidenceEquations, gramTwin } from "../twins/confidence-row.js";
import { nonNegativeTwin } from "../twins/equation-steps.js";
import { dot } from "../twins/rating-pass.js";
import { ridgeEquations, solveEquations } from "../twins/ridge-row.js";
import {
  CONFIDENCES,
  FREE,
  fixedItems,
  NUM_FIXED,
  OFFSET,
  RATINGS,
  RIDGE,
  randomEntries,
  solverOf,
  twinRidge,
} from "./fixed-side.js";

const engine = new Engine();

afterAll(() => engine.pool.terminate());

const sumOf = (numbers: Float64Array): number => numbers.reduce((sum, each) => sum + each, 0);

describe.each(VARIANTS)("one row, %s", (variant) => {
  test.each([true, false])("of ratings, as in f64, with a bias: %s", (biases) => {
    for (const factors of [0, 1, 5, 13]) {
      const { scores, columns, fixed } = fixedItems(engine, factors, variant);
      const ridge = { ...RIDGE, biases };
      const solver = solverOf(engine, fixed, new RatingEquations(ridge), variant);
      const { bytesInUse } = engine.arena;
      for (const length of [1, 7, 200]) {
        const entries = randomEntries(length);
        const solved = solveRow(solver, entries)!;
        const expected = solveEquations(ridgeEquations(columns, entries, twinRidge(ridge)));
        const p = solved.factors.subarray(0, factors);
        expect(nmse(biases ? [...p, solved.bias] : p, expected)).toBeLessThan(1e-10);
        if (!biases) expect(solved.bias).toBe(0);
        expect(solved.factors.length).toBe(fixed.stride);
        expect([...solved.factors.subarray(factors)].every((value) => value === 0)).toBe(true);
        const contributions = explainRow(solver, entries, 11)!;
        expect(contributions.length).toBe(length);
        expect(sumOf(contributions)).toBeCloseTo(dot(p, columns.factors[11]!) + solved.bias, 4);
      }
      expect(engine.arena.bytesInUse).toBe(bytesInUse);
      scores.dispose();
    }
  });

  test("of ratings: what an entry adds is what the row would lose if it were at its base", () => {
    const { scores, columns, fixed } = fixedItems(engine, 5, variant);
    const solver = solverOf(engine, fixed, RATINGS, variant);
    const entries = randomEntries(9);
    const contributions = explainRow(solver, entries, 11)!;
    const scoreOf = (values: Float32Array): number => {
      const equations = ridgeEquations(columns, { columns: entries.columns, values }, twinRidge(RIDGE));
      return dot(solveEquations(equations), [...columns.factors[11]!, 1]);
    };
    const whole = scoreOf(entries.values);
    for (const [at, column] of entries.columns.entries()) {
      const without = entries.values.slice();
      without[at] = OFFSET + columns.biases[column]!;
      expect(contributions[at]!).toBeCloseTo(whole - scoreOf(without), 5);
    }
    scores.dispose();
  });

  test.each([
    ["logistic", logistic(-1, 1.5), (r: number) => Math.log((r + 1) / (1.5 - r))],
    ["hyperbolicTangent", hyperbolicTangent(-1, 1.5), (r: number) => Math.atanh((r + 1) / 1.25 - 1)],
    ["rectified", rectified(-1, 2), (r: number) => Math.max(0, (r + 1) / 2)],
  ] as const)("of ratings by way of a link, as in f64 on its inverse: %s", (_, link, inverse) => {
    const { scores, columns, fixed } = fixedItems(engine, 5, variant);
    const solver = solverOf(engine, fixed, new RatingEquations(RIDGE, link), variant);
    for (const length of [1, 7, 200]) {
      const entries = randomEntries(length);
      const [lowest, highest] = link.name === "rectified" ? [-Infinity, Infinity] : [-0.95, 1.45];
      const raws = Array.from(entries.values, (value) => inverse(Math.min(Math.max(value, lowest), highest)));
      const { factors, bias } = solveRow(solver, entries)!;
      const twin = { columns: entries.columns, values: raws };
      const expected = solveEquations(ridgeEquations(columns, twin, twinRidge(RIDGE)));
      expect(nmse([...factors.subarray(0, 5), bias], expected)).toBeLessThan(1e-10);
      const target = dot(factors.subarray(0, 5), columns.factors[11]!) + bias;
      expect(sumOf(explainRow(solver, entries, 11)!)).toBeCloseTo(target, 4); // on the scale of raw scores
    }
    scores.dispose();
  });

  // Of 40 factors rows of up to 32 entries are solved from the side of the entries.
  test.each([
    [1, 1],
    [1, 100],
    [100, 1],
    [1, 1e-4],
    [1, 1e-6],
    [1, 0],
    [100, 1e-6],
    [0.25, 1e-30],
  ])("of ratings, as in f64, δ = %f of factors and %f of the bias", (damping, biasDamping) => {
    const { scores, columns, fixed } = fixedItems(engine, 40, variant);
    const ridge = { perEntry: 0, damping, biasPerEntry: 0, biasDamping, biases: true };
    const solver = solverOf(engine, fixed, new RatingEquations(ridge), variant);
    for (const length of [1, 2, 5, 20, 31, 32, 33, 34, 60]) {
      const { values } = randomEntries(length);
      const entries = { columns: Uint32Array.from(values, (_, at) => 11 + 4 * at), values };
      const { factors, bias } = solveRow(solver, entries)!;
      const expected = solveEquations(ridgeEquations(columns, entries, twinRidge(ridge)));
      const error = nmse([...factors.subarray(0, 40), bias], expected);
      expect([length, error < 1e-10]).toEqual([length, true]);
      const target = dot(factors.subarray(0, 40), columns.factors[11]!) + bias;
      expect(sumOf(explainRow(solver, entries, 11)!)).toBeCloseTo(target, 4);
    }
    scores.dispose();
  });

  test("of confidences, as in f64", () => {
    for (const factors of [1, 5, 13]) {
      const { scores, columns, fixed } = fixedItems(engine, factors, variant);
      const solver = solverOf(engine, fixed, CONFIDENCES, variant);
      const { bytesInUse } = engine.arena;
      for (const length of [1, 7, 200]) {
        const entries = randomEntries(length);
        const solved = solveRow(solver, entries)!;
        const terms = entries.values.map((value) => value / 2); // the weight, with a minus sign where it is a dislike
        const twin = { gram: gramTwin(columns.factors, 0.25), perEntry: 0, damping: 0, beta: 0.25 };
        const lambda = 0.125 * (length + 0.25 * NUM_FIXED) ** 0.6;
        const equations = confidenceEquations(columns, { ...entries, values: terms }, twin, lambda);
        const p = solved.factors.subarray(0, factors);
        expect(nmse(p, solveEquations(equations))).toBeLessThan(1e-10);
        expect(solved.bias).toBe(0);
        const contributions = explainRow(solver, entries, 11)!;
        expect(sumOf(contributions)).toBeCloseTo(dot(p, columns.factors[11]!), 4);
        expect([...contributions].filter((each, at) => entries.values[at]! <= 0 && each !== 0)).toEqual([]);
      }
      expect(engine.arena.bytesInUse).toBe(bytesInUse);
      scores.dispose();
    }
  });

  test("of factors that may not be negative", () => {
    for (const [factors, biases] of [
      [1, true],
      [5, false],
      [13, true],
    ] as const) {
      const { scores, columns, fixed } = fixedItems(engine, factors, variant);
      const ridge = { ...RIDGE, biases, nonNegative: true };
      const entries = randomEntries(40);
      const { factors: p, bias } = solveRow(solverOf(engine, fixed, new RatingEquations(ridge), variant), entries)!;
      const expected = nonNegativeTwin(ridgeEquations(columns, entries, twinRidge(ridge)), factors);
      expect(nmse(biases ? [...p.subarray(0, factors), bias] : p.subarray(0, factors), expected)).toBeLessThan(1e-10);
      expect(p.filter((each) => each < 0).length).toBe(0);
      if (factors > 1) expect([...p.subarray(0, factors)]).toContain(0);
      scores.dispose();
    }
  });

  test("of no entries is nothing", () => {
    const { scores, fixed } = fixedItems(engine, 5, variant);
    for (const equations of [RATINGS, CONFIDENCES]) {
      const solver = solverOf(engine, fixed, equations, variant);
      expect(solveRow(solver, randomEntries(0))).toEqual({ factors: new Float32Array(8), bias: 0 });
    }
    scores.dispose();
  });

  test("of fewer entries than factors and no ridge: the least that fits them", () => {
    const { scores, columns, fixed } = fixedItems(engine, 13, variant);
    const solver = solverOf(engine, fixed, new RatingEquations({ ...FREE, biases: false }), variant);
    const { columns: places, values } = randomEntries(4);
    const entries = { columns: Uint32Array.of(places[0]!, 17, 18, 19), values };
    const { factors } = solveRow(solver, entries)!;
    for (const [at, column] of entries.columns.entries()) {
      const missing = values[at]! - OFFSET - columns.biases[column]!;
      const score = dot(factors.subarray(0, 13), columns.factors[column]!);
      expect(Math.abs(score - missing)).toBeLessThan(0.005 * OFFSET); // what the jitter takes
    }
    const score = dot(factors.subarray(0, 13), columns.factors[3]!);
    // The weights of an explanation are solved for from [q, 1], which no few entries span: what is left is rounding.
    expect(Math.abs(sumOf(explainRow(solver, entries, 3)!) - score)).toBeLessThan(0.03 * Math.abs(score));
    scores.dispose();
  });

  test("beyond all numbers is undefined, and so is its explanation", () => {
    const { scores, fixed } = fixedItems(engine, 5, variant);
    scores.itemFactors.row(7).fill(1e20); // its square overflows
    const { bytesInUse } = engine.arena;
    const entries = { columns: Uint32Array.of(3, 7), values: Float32Array.of(1, 2) };
    const solver = solverOf(engine, fixed, RATINGS, variant);
    expect(solveRow(solver, entries)).toBeUndefined();
    expect(explainRow(solver, entries, 3)).toBeUndefined();
    expect(engine.arena.bytesInUse).toBe(bytesInUse);
    scores.dispose();
  });

  test("without factors or a bias stays 0", () => {
    const { scores, fixed } = fixedItems(engine, 0, variant);
    const solver = solverOf(engine, fixed, new RatingEquations(NO_RIDGE), variant);
    expect(solveRow(solver, randomEntries(5))).toEqual({ factors: new Float32Array(0), bias: 0 });
    scores.dispose();
  });
});
