import { describe, expect, test } from "vitest";
import { ALTERNATING_KERNELS } from "../../src/engine/alternating-kernels.js";
import { gramTwin } from "../twins/confidence-row.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { nmse, randomOf, randomSide } from "./rating-pass.js";
import { paddedSize, principalAxesWorkspaceBytes } from "./row-workspaces.js";

type Matrix = readonly ArrayLike<number>[];

const STRIDES = [4, 8, 12, 16, 28, 32, 64, 100, 128, 256];

const gramOf = (width: number, rows: number): Float64Array[] =>
  gramTwin(randomSide(rows, width, randomOf(width)).factors).map((line) => line.map(Math.fround));

const diagonal = (values: readonly number[]): number[][] =>
  values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));

describe.each(VARIANTS)("principalAxes, %s", (variant) => {
  const axesOf = (matrix: Matrix) => {
    const stride = matrix.length;
    const size = paddedSize(stride);
    const memory = new KernelMemory(variant);
    const padded = new Float32Array(size * size);
    for (const [i, line] of matrix.entries()) padded.set(line, i * size);
    const gram = memory.float32(padded);
    const vectors = memory.float32(stride * stride);
    const values = memory.float32(stride);
    const workspacePtr = memory.float32(principalAxesWorkspaceBytes(stride) / 4).ptr;
    const kernels = memory.kernelsOf(ALTERNATING_KERNELS);
    const status = kernels.principalAxes(0, 1, gram.ptr, stride, vectors.ptr, values.ptr, workspacePtr);
    expect(memory.touchedCanaries()).toEqual([]);
    expect(gram.view).toEqual(padded);
    return { status, vectors: vectors.view, values: values.view };
  };

  /** G = V diag(values) Vᵀ and VᵀV = I, as far as f32 holds V. */
  const check = (matrix: Matrix): Float32Array => {
    const n = matrix.length;
    const { status, vectors, values } = axesOf(matrix);
    expect(status).toBe(0);
    const largest = Math.max(...Array.from(values, Math.abs), 1e-30);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let [entry, product] = [0, 0];
        for (let f = 0; f < n; f++) {
          entry += values[f]! * vectors[i * n + f]! * vectors[j * n + f]!;
          product += vectors[f * n + i]! * vectors[f * n + j]!;
        }
        expect(Math.abs(entry - matrix[i]![j]!) / largest).toBeLessThan(1e-6);
        expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-6);
      }
    }
    return values;
  };

  test.each(STRIDES)("of a Gram matrix, %i wide", (width) => {
    const values = check(gramOf(width, 3 * width));
    expect(Math.min(...values)).toBeGreaterThan(0);
  });

  test.each([8, 64])("of less than full rank, %i wide", (width) => {
    const values = [...check(gramOf(width, 5))].toSorted((a, b) => b - a);
    expect(values[4]!).toBeGreaterThan(0.01 * values[0]!);
    expect(Math.abs(values[5]!)).toBeLessThan(1e-6 * values[0]!);
  });

  test.each([
    ["zeros", diagonal([0, 0, 0, 0])],
    ["the identity", diagonal([1, 1, 1, 1, 1, 1, 1, 1])],
    ["a diagonal with equal values", diagonal([3, 1, 3, 0, 2, 2, 1e-6, 1e6])],
    ["values of many orders of magnitude", diagonal([1e12, 1e-12, 1, 1e-20])],
    ["all ones", Array.from({ length: 12 }, () => new Array<number>(12).fill(1))],
    ["two blocks", [...diagonal([2, 2]).map((line) => [...line, 0, 0]), [0, 0, 5, 4], [0, 0, 4, 5]]],
    ["a negative value", [[0, 1, 0, 0], [1, 0, 0, 0], ...diagonal([0, 0, 1, 1]).slice(2)]],
  ])("of %s", (_, matrix) => {
    check(matrix);
  });

  test("known ones", () => {
    const matrix = [
      [2, 1, 0, 0],
      [1, 2, 0, 0],
      [0, 0, 7, 0],
      [0, 0, 0, 0],
    ];
    const { values } = axesOf(matrix);
    expect([...values].toSorted((a, b) => a - b).map((value) => Math.round(value * 1e5) / 1e5)).toEqual([0, 1, 3, 7]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("of %f there are none", (value) => {
    const matrix = gramOf(8, 20);
    matrix[3]![5] = value;
    matrix[5]![3] = value;
    expect(axesOf(matrix).status).toBe(1);
  });
});

describe.each(VARIANTS)("rotateRows, %s", (variant) => {
  test.each([
    [4, 1],
    [4, 7],
    [16, 4],
    [20, 9],
    [64, 13],
  ])("%i wide, %i rows, as in f64", (stride, rows) => {
    const random = randomOf(stride + rows);
    const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random.nextUniform() - 0.5);
    const memory = new KernelMemory(variant);
    const [from, vectors] = [memory.float32(draw(rows * stride)), memory.float32(draw(stride * stride))];
    const to = memory.float32(rows * stride);
    const kernels = memory.kernelsOf(ALTERNATING_KERNELS);
    const [begin, end] = [rows > 4 ? 1 : 0, rows > 4 ? rows - 1 : rows];
    const untouched = new Uint32Array(to.view.slice().buffer);
    expect(kernels.rotateRows(begin, begin, from.ptr, stride, vectors.ptr, to.ptr)).toBe(0);
    expect(new Uint32Array(to.view.slice().buffer)).toEqual(untouched);
    expect(kernels.rotateRows(begin, end, from.ptr, stride, vectors.ptr, to.ptr)).toBe(0);
    for (let row = begin; row < end; row++) {
      const expected = Float64Array.from({ length: stride }, (_, f) => {
        let sum = 0;
        for (let i = 0; i < stride; i++) sum += from.view[row * stride + i]! * vectors.view[i * stride + f]!;
        return sum;
      });
      expect(nmse(to.view.subarray(row * stride, (row + 1) * stride), expected)).toBeLessThan(1e-12);
    }
    const bits = new Uint32Array(to.view.slice().buffer);
    for (const row of [...Array(rows).keys()].filter((row) => row < begin || row >= end)) {
      const own = [row * stride, (row + 1) * stride] as const;
      expect(bits.subarray(...own)).toEqual(untouched.subarray(...own));
    }
    expect(memory.touchedCanaries()).toEqual([]);
  });
});
