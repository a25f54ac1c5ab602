import { describe, expect, test } from "vitest";
import { DESCENT_KERNELS } from "../../src/engine/descent-kernels.js";
import { TwinSgd, twinPass } from "../twins/rating-pass.js";
import { VARIANTS } from "./kernel-memory.js";
import {
  FACTOR_COUNTS,
  factorsAt,
  numericalGradient,
  PlacedPass,
  padding,
  randomBlock,
  randomOf,
  randomSide,
  sideError,
} from "./rating-pass.js";

const RATE = Math.fround(0.07);
const BIAS_RATE = Math.fround(0.05);

/** Empty rows, single ratings and rows of many, at the ends and between. */
const ROW_LENGTHS = [0, 1, 2, 0, 17, 1, 31, 0, 3, 5, 0];
const COLUMNS = 13;

function setUp(factors: number, rowLengths: readonly number[] = ROW_LENGTHS) {
  const random = randomOf(factors);
  const rows = randomSide(rowLengths.length, factors, random);
  const columns = randomSide(COLUMNS, factors, random);
  return { rows, columns, block: randomBlock(rowLengths, COLUMNS, random) };
}

describe.each(VARIANTS)("sgdRows, %s", (variant) => {
  test.each(FACTOR_COUNTS)("%i factors as the f64 twin", (factors) => {
    const { rows, columns, block } = setUp(factors);
    const pass = new PlacedPass(variant, block, rows, columns);
    const loss = pass.run("sgdRows", 0, ROW_LENGTHS.length, [RATE, BIAS_RATE]);
    const twinLoss = twinPass(block, rows, columns, new TwinSgd(RATE, BIAS_RATE));
    // 60 steps, each rounding to 6e-8 of the row: 1e-14 for independent roundings, ten times that allowed
    expect(sideError(pass.rows, rows)).toBeLessThan(1e-13);
    expect(sideError(pass.columns, columns)).toBeLessThan(1e-13);
    expect(Math.abs(loss / twinLoss - 1)).toBeLessThan(1e-6);
    expect(padding(pass.rows, factors)).toEqual([]);
    expect(padding(pass.columns, factors)).toEqual([]);
    expect(pass.memory.touchedCanaries()).toEqual([]);
  });

  test.each([
    [0, 0],
    [3, 3],
    [0, 4],
    [4, 5],
    [5, 11],
    [10, 11],
  ])("rows [%i, %i) only", (rowBegin, rowEnd) => {
    const { rows, columns, block } = setUp(13);
    const pass = new PlacedPass(variant, block, rows, columns);
    const untouched = pass.rows.factors.view.slice();
    const loss = pass.run("sgdRows", rowBegin, rowEnd, [RATE, BIAS_RATE]);
    const twinLoss = twinPass({ ...block, rowBegin, rowEnd }, rows, columns, new TwinSgd(RATE, BIAS_RATE));
    expect(Math.abs(loss - twinLoss)).toBeLessThanOrEqual(1e-6 * twinLoss);
    expect(sideError(pass.rows, rows)).toBeLessThan(1e-13);
    expect(sideError(pass.columns, columns)).toBeLessThan(1e-13);
    const { stride } = pass.rows;
    const outside = (values: Float32Array) => [
      ...values.subarray(0, rowBegin * stride),
      ...values.subarray(rowEnd * stride),
    ];
    expect(outside(pass.rows.factors.view)).toEqual(outside(untouched));
    expect(pass.memory.touchedCanaries()).toEqual([]);
  });

  test("two ranges one after the other give the bits of the whole", () => {
    const { rows, columns, block } = setUp(31);
    const whole = new PlacedPass(variant, block, rows, columns);
    const parts = new PlacedPass(variant, block, rows, columns);
    whole.run("sgdRows", 0, 11, [RATE, BIAS_RATE]);
    parts.run("sgdRows", 0, 5, [RATE, BIAS_RATE]);
    parts.run("sgdRows", 5, 11, [RATE, BIAS_RATE]);
    expect(parts.rows.factors.view).toEqual(whole.rows.factors.view);
    expect(parts.columns.factors.view).toEqual(whole.columns.factors.view);
    expect(parts.rows.biases.view).toEqual(whole.rows.biases.view);
    expect(parts.columns.biases.view).toEqual(whole.columns.biases.view);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])("rows of %i ratings, in batches of four and a rest", (length) => {
    const { rows, columns, block } = setUp(21, new Array(7).fill(length));
    const pass = new PlacedPass(variant, block, rows, columns);
    const loss = pass.run("sgdRows", 0, 7, [RATE, BIAS_RATE]);
    const twinLoss = twinPass(block, rows, columns, new TwinSgd(RATE, BIAS_RATE));
    expect(Math.abs(loss / twinLoss - 1)).toBeLessThan(1e-6);
    expect(sideError(pass.rows, rows)).toBeLessThan(1e-13);
    expect(sideError(pass.columns, columns)).toBeLessThan(1e-13);
    expect(pass.memory.touchedCanaries()).toEqual([]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7])("nothing is read behind %i ratings that end with the memory", (length) => {
    const { rows, columns, block } = setUp(4, [length]);
    const inside = new PlacedPass(variant, block, rows, columns);
    const loss = inside.run("sgdRows", 0, 1, [RATE, BIAS_RATE]);
    const atEnd = (array: "columns" | "values"): void => {
      const pass = new PlacedPass(variant, block, rows, columns);
      const { buffer } = pass.memory.memory;
      const { ptr } = pass.memory.float32([RATE, BIAS_RATE]);
      const [rowBegin, rowEnd, offsetsPtr, columnsPtr, valuesPtr, ...rest] = pass.arguments(0, 1, ptr);
      const last = buffer.byteLength - 4 * length;
      const isColumns = array === "columns";
      new (isColumns ? Uint32Array : Float32Array)(buffer, last).set(block[array]);
      const arrays = [isColumns ? last : columnsPtr, isColumns ? valuesPtr : last] as const;
      const { sgdRows } = pass.memory.kernelsOf(DESCENT_KERNELS);
      expect(sgdRows(rowBegin, rowEnd, offsetsPtr, ...arrays, ...rest)).toBe(loss);
      expect(pass.columns.factors.view).toEqual(inside.columns.factors.view);
    };
    atEnd("columns");
    atEnd("values");
  });

  test.each([1, 2, 3, 4])("a row's shrinkage by %i ratings at once below 0 counts as 0", (length) => {
    const { rows, columns } = setUp(6, [length]);
    rows.lambdas[0] = { factors: 2.5 / length, bias: 2.25 / length }; // 1 − length · ½ λ < 0, but 1 − ½ λ > 0 from two on
    const rate = 0.5;
    const numbers = Array.from({ length }, (_, at) => at);
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, length], columns: numbers, values: numbers };
    const q = columns.factors.map((row) => row.slice());
    const pass = new PlacedPass(variant, block, rows, columns);
    pass.run("sgdRows", 0, 1, [rate, rate]);
    const errors = numbers.map((value) => {
      const product = q[value]!.reduce((sum, each, f) => sum + each * rows.factors[0]![f]!, 0);
      return value - rows.biases[0]! - columns.biases[value]! - product;
    });
    expect(pass.rows.biases.view[0]).toBeCloseTo(rate * errors.reduce((sum, error) => sum + error), 5);
    for (let f = 0; f < 6; f++) {
      const step = rate * errors.reduce((sum, error, at) => sum + error * q[at]![f]!, 0);
      expect(factorsAt(pass.rows, 0, 6)[f]).toBeCloseTo(step, 5);
    }
  });

  test.each([5, 16, 100])("a row of one column alone, again and again, %i factors", (factors) => {
    const { rows, columns, block } = setUp(factors, [9]);
    const same = { ...block, columns: new Uint32Array(9).fill(4) };
    const pass = new PlacedPass(variant, same, rows, columns);
    pass.run("sgdRows", 0, 1, [RATE, BIAS_RATE]);
    twinPass(same, rows, columns, new TwinSgd(RATE, BIAS_RATE));
    expect(sideError(pass.rows, rows)).toBeLessThan(1e-13);
    expect(sideError(pass.columns, columns)).toBeLessThan(1e-13);
  });

  test.each(FACTOR_COUNTS)("steps along the gradient, %i factors", (factors) => {
    const { rows, columns } = setUp(factors, [1]);
    const column = 7;
    const value = 1.25;
    // The step of one rating is linear in the rate, so a rate of 1/16 has no error but rounding: 16 × 6e-8.
    const rate = 1 / 16;
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 1], columns: [column], values: [value] };
    const pass = new PlacedPass(variant, block, rows, columns);
    pass.run("sgdRows", 0, 1, [rate, rate]);
    const gradient = numericalGradient(rows, columns, 0, column, value);
    const recovered = (after: ArrayLike<number>, before: ArrayLike<number>): number[] =>
      Array.from(before, (old, f) => (after[f]! - old) / rate);
    const close = (actual: number[], expected: ArrayLike<number>): void => {
      actual.forEach((each, f) => {
        expect(Math.abs(each - expected[f]!)).toBeLessThan(3e-6);
      });
    };
    close(recovered(factorsAt(pass.rows, 0, factors), rows.factors[0]!), gradient.rowFactors);
    close(recovered(factorsAt(pass.columns, column, factors), columns.factors[column]!), gradient.columnFactors);
    close(recovered(pass.rows.biases.view, rows.biases), [gradient.rowBias]);
    close([(pass.columns.biases.view[column]! - columns.biases[column]!) / rate], [gradient.columnBias]);
  });

  test("a shrinkage below 0 counts as 0: what is left is the step alone", () => {
    const { rows, columns } = setUp(5, [1]);
    rows.lambdas[0] = { factors: 20, bias: 30 };
    columns.lambdas[2] = { factors: 25, bias: 1000 };
    const rate = 0.5;
    const block = { rowBegin: 0, rowEnd: 1, offsets: [0, 1], columns: [2], values: [1] };
    const pass = new PlacedPass(variant, block, rows, columns);
    const error =
      Math.sqrt(pass.run("sgdRows", 0, 1, [rate, rate])) * Math.sign(1 - rows.biases[0]! - columns.biases[2]!);
    const p = rows.factors[0]!;
    const q = columns.factors[2]!;
    const sign = Math.sign(pass.rows.biases.view[0]!);
    expect(sign).toBe(Math.sign(error));
    expect(pass.rows.biases.view[0]).toBeCloseTo(rate * error, 6);
    expect(pass.columns.biases.view[2]).toBeCloseTo(rate * error, 6);
    q.forEach((each, f) => {
      expect(factorsAt(pass.rows, 0, 5)[f]).toBeCloseTo(rate * error * each, 6);
    });
    p.forEach((each, f) => {
      expect(factorsAt(pass.columns, 2, 5)[f]).toBeCloseTo(rate * error * each, 6);
    });
  });
});
