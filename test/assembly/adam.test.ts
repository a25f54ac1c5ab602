import { describe, expect, test } from "vitest";
import { strideOf } from "../../src/engine/matrix.js";
import { TwinAdam, type TwinSide, twinPass } from "../twins/rating-pass.js";
import { VARIANTS } from "./kernel-memory.js";
import {
  FACTOR_COUNTS,
  factorsAt,
  nmse,
  numericalGradient,
  PlacedPass,
  type PlacedSide,
  padding,
  randomBlock,
  randomOf,
  randomSide,
  sideError,
} from "./rating-pass.js";

const BIAS_RATE = Math.fround(0.03);
const BETA1 = Math.fround(0.9);
const BETA2 = Math.fround(0.999);
const EPSILON = Math.fround(1e-8);
const ROW_LENGTHS = [0, 1, 2, 0, 17, 1, 31, 0, 3, 5, 0];
const COLUMNS = 13;

/** As the model does it: a row moves by √factors of the rate. */
const rateOf = (factors: number): number => Math.fround(0.05 / Math.sqrt(factors));
const parametersOf = (factors: number): number[] => [rateOf(factors), BIAS_RATE, BETA1, BETA2, EPSILON];
const newTwin = (factors: number): TwinAdam => new TwinAdam(rateOf(factors), BIAS_RATE, BETA1, BETA2, EPSILON);

/** m and v of the factors and of the bias are 0, β₁⁰ and β₂⁰ are 1. */
const rowState = (factors: number): number[] => [...new Array<number>(2 * strideOf(factors) + 2).fill(0), 1, 1];

function setUp(factors: number, rowLengths: readonly number[] = ROW_LENGTHS) {
  const random = randomOf(factors + 2000);
  const rows = randomSide(rowLengths.length, factors, random);
  const columns = randomSide(COLUMNS, factors, random);
  return { rows, columns, block: randomBlock(rowLengths, COLUMNS, random) };
}

/** The state that the kernel should have, in its layout. */
function twinState(twin: TwinAdam, side: TwinSide, stride: number): number[] {
  return side.factors.flatMap((row, index) => {
    const { steps, first, second } = twin.states.of(side, index);
    const factors = row.length;
    const padded = (moments: Float64Array): number[] =>
      Array.from({ length: stride }, (_, f) => (f < factors ? moments[f]! : 0));
    const powers = [BETA1 ** steps, BETA2 ** steps];
    return [...padded(first), ...padded(second), first[factors]!, second[factors]!, ...powers];
  });
}

// Adam's correction √(1 − β₂ᵗ) is of a difference which f32 knows to 6e-8/.001 = 6e-5 at first, and half of that stays
// under the root: a step of 5 % of a row is then wrong by 1.5e-6 of the row, squared 2e-12.
const BOUND = 2e-12;

describe.each(VARIANTS)("adamRows, %s", (variant) => {
  test.each(FACTOR_COUNTS)("%i factors as the f64 twin, moments and step counts too", (factors) => {
    const { rows, columns, block } = setUp(factors);
    const pass = new PlacedPass(variant, block, rows, columns, { rowState: rowState(factors) });
    const loss = pass.run("adamRows", 0, ROW_LENGTHS.length, parametersOf(factors));
    const twin = newTwin(factors);
    const twinLoss = twinPass(block, rows, columns, twin);
    expect(sideError(pass.rows, rows)).toBeLessThan(BOUND);
    expect(sideError(pass.columns, columns)).toBeLessThan(BOUND);
    expect(nmse(pass.rows.state.view, twinState(twin, rows, pass.rows.stride))).toBeLessThan(BOUND);
    expect(nmse(pass.columns.state.view, twinState(twin, columns, pass.columns.stride))).toBeLessThan(BOUND);
    expect(Math.abs(loss / twinLoss - 1)).toBeLessThan(1e-5);
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
    const factors = 13;
    const { rows, columns, block } = setUp(factors);
    const pass = new PlacedPass(variant, block, rows, columns, { rowState: rowState(factors) });
    const loss = pass.run("adamRows", rowBegin, rowEnd, parametersOf(factors));
    const twinLoss = twinPass({ ...block, rowBegin, rowEnd }, rows, columns, newTwin(factors));
    expect(Math.abs(loss - twinLoss)).toBeLessThanOrEqual(1e-5 * twinLoss);
    expect(sideError(pass.rows, rows)).toBeLessThan(BOUND);
    expect(sideError(pass.columns, columns)).toBeLessThan(BOUND);
    expect(pass.memory.touchedCanaries()).toEqual([]);
  });

  test.each(FACTOR_COUNTS)("takes the gradient into its moments, %i factors", (factors) => {
    const { rows, columns } = setUp(factors, [1]);
    const column = 7;
    const value = 1.25;
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 1], columns: [column], values: [value] };
    const pass = new PlacedPass(variant, block, rows, columns, { rowState: rowState(factors) });
    pass.run("adamRows", 0, 1, parametersOf(factors));
    const gradient = numericalGradient(rows, columns, 0, column, value);
    const check = (side: PlacedSide, at: number, ofFactors: Float64Array, ofBias: number): void => {
      const { stride } = side;
      const state = side.state.view.subarray(at * (2 * stride + 4), (at + 1) * (2 * stride + 4));
      const recovered = [...state.subarray(0, factors), state[2 * stride]!].map((moment) => moment / (1 - BETA1));
      [...ofFactors, ofBias].forEach((slope, f) => {
        expect(Math.abs(recovered[f]! - slope)).toBeLessThan(2e-6);
      });
      const squares = [...state.subarray(stride, stride + factors), state[2 * stride + 1]!];
      [...ofFactors, ofBias].forEach((slope, f) => {
        expect(Math.abs(squares[f]! / (1 - BETA2) - slope * slope)).toBeLessThan(1e-5);
      });
      expect(state[2 * stride + 2]).toBe(BETA1);
      expect(state[2 * stride + 3]).toBe(BETA2);
    };
    check(pass.rows, 0, gradient.rowFactors, gradient.rowBias);
    check(pass.columns, column, gradient.columnFactors, gradient.columnBias);
  });

  test("a first step is the rate in the direction of the gradient, whatever its length", () => {
    const factors = 5;
    const { rows, columns } = setUp(factors, [1]);
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 1], columns: [2], values: [1.5] };
    const pass = new PlacedPass(variant, block, rows, columns, { rowState: rowState(factors) });
    pass.run("adamRows", 0, 1, parametersOf(factors));
    const gradient = numericalGradient(rows, columns, 0, 2, 1.5);
    factorsAt(pass.rows, 0, factors).forEach((after, f) => {
      expect(after - rows.factors[0]![f]!).toBeCloseTo(rateOf(factors) * Math.sign(gradient.rowFactors[f]!), 5);
    });
    expect(pass.columns.biases.view[2]! - columns.biases[2]!).toBeCloseTo(
      BIAS_RATE * Math.sign(gradient.columnBias),
      5,
    );
  });
});
