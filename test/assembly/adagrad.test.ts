import { describe, expect, test } from "vitest";
import { TwinAdagrad, twinPass } from "../twins/rating-pass.js";
import { VARIANTS } from "./kernel-memory.js";
import {
  FACTOR_COUNTS,
  factorsAt,
  nmse,
  numericalGradient,
  PlacedPass,
  padding,
  randomBlock,
  randomOf,
  randomSide,
  sideError,
} from "./rating-pass.js";

const RATE = Math.fround(0.3);
const BIAS_RATE = Math.fround(0.2);
const ROW_LENGTHS = [0, 1, 2, 0, 17, 1, 31, 0, 3, 5, 0];
const COLUMNS = 13;

function setUp(factors: number, rowLengths: readonly number[] = ROW_LENGTHS) {
  const random = randomOf(factors + 1000);
  const rows = randomSide(rowLengths.length, factors, random);
  const columns = randomSide(COLUMNS, factors, random);
  return { rows, columns, block: randomBlock(rowLengths, COLUMNS, random) };
}

describe.each(VARIANTS)("adagradRows, %s", (variant) => {
  test.each(FACTOR_COUNTS)("%i factors as the f64 twin, accumulators too", (factors) => {
    const { rows, columns, block } = setUp(factors);
    const pass = new PlacedPass(variant, block, rows, columns, { rowState: [1, 1] });
    const loss = pass.run("adagradRows", 0, ROW_LENGTHS.length, [RATE, BIAS_RATE]);
    const twin = new TwinAdagrad(RATE, BIAS_RATE);
    const twinLoss = twinPass(block, rows, columns, twin);
    // 60 steps, each rounding to 6e-8 of the row: 1e-14 for independent roundings, ten times that allowed
    expect(sideError(pass.rows, rows)).toBeLessThan(1e-13);
    expect(sideError(pass.columns, columns)).toBeLessThan(1e-13);
    for (const [placed, side] of [[pass.rows, rows] as const, [pass.columns, columns] as const]) {
      const states = side.factors.flatMap((_, row) => [
        twin.states.of(side, row).factors,
        twin.states.of(side, row).bias,
      ]);
      expect(nmse(placed.state.view, states)).toBeLessThan(1e-13);
    }
    expect(Math.abs(loss / twinLoss - 1)).toBeLessThan(1e-6);
    expect(padding(pass.rows, factors)).toEqual([]);
    expect(padding(pass.columns, factors)).toEqual([]);
    expect(pass.memory.touchedCanaries()).toEqual([]);
  });

  test.each([
    [0, 0],
    [0, 4],
    [4, 5],
    [5, 11],
  ])("rows [%i, %i) only", (rowBegin, rowEnd) => {
    const { rows, columns, block } = setUp(13);
    const pass = new PlacedPass(variant, block, rows, columns, { rowState: [1, 1] });
    const loss = pass.run("adagradRows", rowBegin, rowEnd, [RATE, BIAS_RATE]);
    const twinLoss = twinPass({ ...block, rowBegin, rowEnd }, rows, columns, new TwinAdagrad(RATE, BIAS_RATE));
    expect(Math.abs(loss - twinLoss)).toBeLessThanOrEqual(1e-6 * twinLoss);
    expect(sideError(pass.rows, rows)).toBeLessThan(1e-13);
    expect(sideError(pass.columns, columns)).toBeLessThan(1e-13);
    expect(pass.memory.touchedCanaries()).toEqual([]);
  });

  test.each(FACTOR_COUNTS)("accumulates and follows the gradient, %i factors", (factors) => {
    const { rows, columns } = setUp(factors, [1]);
    const column = 7;
    const value = 1.25;
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 1], columns: [column], values: [value] };
    const pass = new PlacedPass(variant, block, rows, columns, { rowState: [1, 1] });
    const rate = 1 / 16;
    pass.run("adagradRows", 0, 1, [rate, rate]);
    const gradient = numericalGradient(rows, columns, 0, column, value);
    const sides = [
      { side: pass.rows, twin: rows, at: 0, ofFactors: gradient.rowFactors, ofBias: gradient.rowBias },
      { side: pass.columns, twin: columns, at: column, ofFactors: gradient.columnFactors, ofBias: gradient.columnBias },
    ];
    for (const { side, twin, at, ofFactors, ofBias } of sides) {
      const [factorState, biasState] = side.state.view.subarray(2 * at, 2 * at + 2) as unknown as [number, number];
      const square = ofFactors.reduce((sum, each) => sum + each * each, 0);
      expect(Math.abs(factorState - (1 + square))).toBeLessThan(2e-6 * (1 + square));
      expect(Math.abs(biasState - (1 + ofBias * ofBias))).toBeLessThan(2e-6 * (1 + ofBias * ofBias));
      // x_new − x_old = η G^-½ g: what rounding x leaves of g is 6e-8 · √G / η
      factorsAt(side, at, factors).forEach((after, f) => {
        const recovered = ((after - twin.factors[at]![f]!) * Math.sqrt(factorState)) / rate;
        expect(Math.abs(recovered - ofFactors[f]!)).toBeLessThan(5e-6);
      });
      const recovered = ((side.biases.view[at]! - twin.biases[at]!) * Math.sqrt(biasState)) / rate;
      expect(Math.abs(recovered - ofBias)).toBeLessThan(5e-6);
    }
  });

  test("an accumulator never falls, though ‖g‖² is a difference of squares", () => {
    // e q − λ p = 0 exactly: e = 1, q = λ p
    const rows = {
      factors: [Float64Array.of(3, 1, 2)],
      biases: Float64Array.of(0),
      lambdas: [{ factors: 0.1, bias: 0 }],
    };
    const columns = {
      factors: [Float64Array.from([3, 1, 2], (x) => Math.fround(0.1 * x))],
      biases: Float64Array.of(0),
      lambdas: [{ factors: 0, bias: 0 }],
    };
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 1], columns: [0], values: [2.4] };
    const pass = new PlacedPass(variant, block, rows, columns, { rowState: [1e-30, 1] });
    pass.run("adagradRows", 0, 1, [RATE, 0]);
    expect(pass.rows.state.view[0]).toBeGreaterThanOrEqual(Math.fround(1e-30));
    expect([...pass.rows.factors.view].every(Number.isFinite)).toBe(true);
  });
});
