import { describe, expect, test } from "vitest";
import type { Confidence } from "../../src/ranking/confidence.js";
import { IDENTITY, logistic, rectified } from "../../src/ranking/link.js";
import {
  ConfidenceEquations,
  type FrequencyRidge,
  RatingEquations,
  type Ridge,
} from "../../src/ranking/row-equations.js";

const RIDGE: Ridge = { perEntry: 0.5, damping: 3, biasPerEntry: 0.25, biasDamping: 5, biases: true };
const CONFIDENCE: Confidence = { kind: "linear", alpha: 2, epsilon: 0.75, unobservedWeight: 0.3, observed: "added" };
const FREQUENCY: FrequencyRidge = { regularization: 0.07, exponent: 0.6, countUnobserved: true };

describe("ratings", () => {
  test("with a bias, and without: λ' is negative", () => {
    const parameters = { perEntry: 0.5, damping: 3, biasPerEntry: 0.25, biasDamping: 5, shift: 0, nonNegative: false };
    expect(new RatingEquations(RIDGE).parameters).toEqual(parameters);
    const without = new RatingEquations({ ...RIDGE, biases: false, nonNegative: true });
    expect(without.parameters).toEqual({ ...parameters, biasPerEntry: -1, nonNegative: true });
    expect([new RatingEquations(RIDGE).hasBias, without.hasBias]).toEqual([true, false]);
    expect(without.named.ridge_bias_per_entry).toBe(0.25); // what it was made of
  });

  test("are taken as they are, and only what was observed counts", () => {
    const equations = new RatingEquations(RIDGE);
    const terms = new Float32Array(3);
    equations.writeTerms(Float32Array.of(1.5, -2, 0), terms);
    expect([...terms]).toEqual([1.5, -2, 0]);
    expect(equations.unobservedWeight).toBeUndefined();
    expect(equations.lambda()).toBeUndefined();
    expect(equations.pull(4, 0.5, 3)).toBe(0.5);
  });

  test("with a link are taken as the raw scores that it takes to them", () => {
    const values = Float32Array.of(1, 1.5, 3, 4.75, 5, 0);
    for (const link of [logistic(1, 5), rectified(1, 2), IDENTITY]) {
      const equations = new RatingEquations(RIDGE, link);
      const terms = new Float32Array(values.length);
      equations.writeTerms(values, terms);
      expect(terms).toEqual(Float32Array.from(values, link.inverse));
      expect(equations.named).toEqual(new RatingEquations(RIDGE).named);
    }
  });

  test("tell of themselves all that makes them", () => {
    const { named } = new RatingEquations({ ...RIDGE, nonNegative: true });
    expect(named).toEqual({
      ridge_per_entry: 0.5,
      ridge_damping: 3,
      ridge_bias_per_entry: 0.25,
      ridge_bias_damping: 5,
      ridge_biases: 1,
      ridge_non_negative: 1,
    });
  });
});

describe("confidences", () => {
  const equationsOf = (confidence: Partial<Confidence> = {}, ridge: Partial<FrequencyRidge> = {}) =>
    new ConfidenceEquations({ ...CONFIDENCE, ...confidence }, { ...FREQUENCY, ...ridge });

  test.each([0, 0.25, 0.5, 0.6, 1, 1.7, 2, 3])("λ (n + α₀ N)^ν and λ n^ν, ν = %f, as by f64 powers", (exponent) => {
    for (const n of [1, 2, 7, 1000, 123_457]) {
      for (const numFixed of [1, 40, 99_991]) {
        const counted = equationsOf({}, { exponent }).lambda(n, numFixed);
        expect(Math.abs(counted / (0.07 * (n + 0.3 * numFixed) ** exponent) - 1)).toBeLessThan(1e-14);
        const uncounted = equationsOf({}, { exponent, countUnobserved: false }).lambda(n, numFixed);
        expect(Math.abs(uncounted / (0.07 * n ** exponent) - 1)).toBeLessThan(1e-14);
      }
    }
  });

  test("λ of nothing is 0 but for ν = 0, of no regularisation too, and without a weight only what was observed counts", () => {
    expect(equationsOf({ unobservedWeight: 0 }).lambda(0, 50)).toBe(0);
    expect(equationsOf({}, { countUnobserved: false, exponent: 1 }).lambda(0, 50)).toBe(0);
    expect(equationsOf({}, { countUnobserved: false, exponent: 0 }).lambda(0, 50)).toBe(0.07);
    expect(equationsOf({}, { regularization: 0 }).lambda(5, 50)).toBe(0);
    const weightless = equationsOf({ unobservedWeight: 0 }).lambda(9, 50);
    expect(weightless).toBe(equationsOf({}, { countUnobserved: false }).lambda(9, 50));
  });

  test.each([
    ["added", 0],
    ["raised", 0.3],
    ["replaced", 0.3],
  ] as const)("%s: what it is pulled to", (observed, shift) => {
    const equations = equationsOf({ observed });
    expect(equations.parameters).toEqual({
      perEntry: 0,
      damping: 0,
      biasPerEntry: -1,
      biasDamping: 0,
      shift,
      nonNegative: false,
    });
    const terms = new Float32Array(3);
    equations.writeTerms(Float32Array.of(1.5, -2, 0.5), terms);
    const base = observed === "replaced" ? 0.3 : 0;
    expect([...terms]).toEqual([...Float32Array.of(3 - base, -(4 - base), 1 - base)]);
    expect(equations.pull(2)).toBe(Math.fround(2 + shift));
    expect(equations.pull(0)).toBe(Math.fround(shift));
    expect([equations.pull(-2), equations.pull(-0)]).toEqual([0, 0]);
    expect([equations.unobservedWeight, equations.hasBias]).toEqual([0.3, false]);
  });

  test("tell of themselves what a file does not have in the options", () => {
    expect(equationsOf().named).toEqual({
      unobserved_weight: 0.3,
      confidence_alpha: 2,
      confidence_epsilon: 0.75,
      regularization: 0.07,
      regularization_exponent: 0.6,
      count_unobserved: 1,
    });
  });
});
