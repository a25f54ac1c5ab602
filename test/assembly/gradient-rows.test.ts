import { describe, expect, test } from "vitest";
import { ALTERNATING_KERNELS } from "../../src/engine/alternating-kernels.js";
import { confidenceGradient, confidenceObjective, lambdaOf } from "../twins/confidence-row.js";
import type { TwinSide } from "../twins/rating-pass.js";
import { solveEquations } from "../twins/ridge-row.js";
import { type ConfidenceCase, confidenceCase, equationsOf } from "./confidence-rows.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { differences, nmse, placeSide, randomOf, randomSide } from "./rating-pass.js";
import { entriesOf, placeParameters } from "./row-solves.js";

const FACTOR_COUNTS = [1, 2, 3, 4, 5, 8, 13, 16, 31, 64, 100];
const LENGTHS = [3, 0, 1, 129, 17, 0, 400];

describe.each(VARIANTS)("gradientRows, %s", (variant) => {
  /** Row by row what the kernel writes for rows [rowBegin, rowEnd), and canaries for the rest. */
  const gradientsOf = (
    { columns, block, confidence }: ConfidenceCase,
    rows: TwinSide,
    [rowBegin, rowEnd]: readonly [number, number],
  ): Float32Array[] => {
    const memory = new KernelMemory(variant);
    const numRows = rows.factors.length;
    const factors = columns.factors[0]!.length;
    const [rowSide, columnSide] = [placeSide(memory, rows), placeSide(memory, columns)];
    const { stride } = rowSide;
    const { ptr, view } = memory.float32(numRows * stride);
    const status = memory
      .kernelsOf(ALTERNATING_KERNELS)
      .gradientRows(
        rowBegin,
        rowEnd,
        memory.uint32(block.offsets).ptr,
        memory.uint32(block.columns).ptr,
        memory.float32(block.values).ptr,
        rowSide.ptr,
        columnSide.ptr,
        stride,
        placeParameters(memory, confidence),
        ptr,
      );
    expect(status).toBe(0);
    expect(memory.touchedCanaries()).toEqual([]);
    return rows.factors.map((_, row) => {
      const all = view.subarray(row * stride, (row + 1) * stride);
      if (row >= rowBegin && row < rowEnd) expect(all.subarray(factors).every((value) => value === 0)).toBe(true);
      return all.subarray(0, factors);
    });
  };

  test.each(FACTOR_COUNTS)("as the twin, and as differences of what is to be least, %i factors", (factors) => {
    const plain = confidenceCase({ factors, lengths: LENGTHS, beta: 0.75 });
    const lambdas = Float32Array.from(LENGTHS, (_, row) => 0.5 + row);
    for (const confidence of [plain.confidence, { ...plain.confidence, lambdas }]) {
      const each = { ...plain, confidence };
      const rows = randomSide(LENGTHS.length, factors, randomOf(factors + 9800));
      const gradients = gradientsOf(each, rows, [0, LENGTHS.length]);
      for (const [row, n] of LENGTHS.entries()) {
        const p = rows.factors[row]!;
        const args = [each.columns, entriesOf(each.block, row), confidence, lambdaOf(confidence, row, n)] as const;
        expect(nmse(gradients[row]!, confidenceGradient(...args, p))).toBeLessThan(1e-10);
        const slopes = differences(p, () => confidenceObjective(...args, p));
        expect(
          nmse(
            gradients[row]!,
            Array.from(slopes, (slope) => slope / 2),
          ),
        ).toBeLessThan(1e-10);
      }
    }
  });

  test("is nothing where a row is solved", () => {
    const each = confidenceCase({ factors: 13, lengths: [40, 3] });
    const equations = [equationsOf(each, 0), equationsOf(each, 1)];
    const factors = equations.map((each) => solveEquations(each).map(Math.fround));
    const gradients = gradientsOf(each, { factors, biases: new Float64Array(2), lambdas: [] }, [0, 2]);
    equations.forEach(({ right }, row) => {
      expect(Math.hypot(...gradients[row]!)).toBeLessThan(2e-6 * Math.hypot(...right));
    });
  });

  test.each([
    [0, 0],
    [2, 4],
    [6, 7],
  ])("only rows [%i, %i)", (rowBegin, rowEnd) => {
    const each = confidenceCase({ factors: 13, lengths: LENGTHS });
    const rows = randomSide(LENGTHS.length, 13, randomOf(9900));
    const all = gradientsOf(each, rows, [0, LENGTHS.length]);
    const some = gradientsOf(each, rows, [rowBegin, rowEnd]);
    for (const row of LENGTHS.keys()) {
      if (row >= rowBegin && row < rowEnd) expect(some[row]).toEqual(all[row]);
      else expect(some[row]!.every(Number.isNaN)).toBe(true);
    }
  });
});
