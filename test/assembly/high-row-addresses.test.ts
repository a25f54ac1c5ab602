import { describe, expect, test } from "vitest";
import { ALTERNATING_KERNELS } from "../../src/engine/alternating-kernels.js";
import type { Variant } from "../../src/engine/kernels.js";
import { confidenceCase, startRows } from "./confidence-rows.js";
import { ABOVE_2_GIB, canReserve, FOUR_GIB, growToEnd, moveToEnd } from "./high-memory.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { placeSide, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { PlacedSolve, placeParameters, RIDGE, type RowKernel } from "./row-solves.js";
import { panelBytes } from "./row-workspaces.js";

const LENGTHS = [5, 0, 70];
const ROW_KERNELS: RowKernel[] = ["solveRows", "conjugateGradientRows", "subspaceRows"];

/** Confidences of 13 factors, for any of the kernels that solve them. */
function placedConfidences(variant: Variant, begin = 1024, shortBound = 0): PlacedSolve {
  const { block, columns, confidence } = confidenceCase({ factors: 13, lengths: LENGTHS, numColumns: 29 });
  confidence.lambdas = Float32Array.of(1, 2, 3);
  const start = startRows(3, 13, 8);
  return new PlacedSolve(variant, block, columns, confidence, { begin, start, steps: 3, blockFactors: 8, shortBound });
}

/** What the kernels that solve nothing are called with: tables of 13 factors, G, and room for what they write. */
function placedTables(variant: Variant, begin = 1024) {
  const memory = new KernelMemory(variant, begin);
  const { block, columns, confidence } = confidenceCase({ factors: 13, lengths: LENGTHS, numColumns: 29 });
  const offsetsPtr = memory.uint32(block.offsets).ptr;
  const entries = [memory.uint32(block.columns).ptr, memory.float32(block.values).ptr] as const;
  const rows = placeSide(memory, randomSide(3, 13, randomOf(8)));
  const fixed = placeSide(memory, columns);
  const parametersPtr = placeParameters(memory, confidence);
  const gram = memory.float32(2 * 256);
  const workspacePtr = memory.float32(panelBytes(16) / 4).ptr;
  const gradient = memory.float32(3 * 16);
  return { memory, offsetsPtr, entries, rows, fixed, parametersPtr, gram, workspacePtr, gradient };
}

describe.skipIf(!canReserve(ABOVE_2_GIB))("rows above 2 GiB", () => {
  test.each(VARIANTS)("solveRows and explainEntries have the bits they have below, %s", (variant) => {
    const random = randomOf(8);
    const columns = randomSide(29, 13, random);
    const block = randomBlock(LENGTHS, 29, random);
    const solved = (begin?: number) => {
      const solve = new PlacedSolve(variant, block, columns, RIDGE, begin ? { begin } : {});
      expect(solve.solve(0, 3, [2, 0, 1])).toBe(0);
      const { status, weights } = solve.explain(0, 5, 17);
      expect(status).toBe(0);
      expect(solve.memory.touchedCanaries()).toEqual([]);
      return { bits: solve.bits(), weights };
    };
    expect(solved(ABOVE_2_GIB)).toEqual(solved());
  });

  describe.each(VARIANTS)("confidences, %s", (variant) => {
    test("shortRows, and the axes before it, have the bits they have below", () => {
      const solved = (begin?: number) => {
        const solve = placedConfidences(variant, begin, 9);
        expect(solve.solveShort(0, 3, [2, 0, 1])).toBe(0);
        expect(solve.memory.touchedCanaries()).toEqual([]);
        return solve.bits();
      };
      expect(solved(ABOVE_2_GIB)).toEqual(solved());
    });

    test.each(ROW_KERNELS)("%s has the bits it has below", (kernel) => {
      const solved = (begin?: number) => {
        const solve = placedConfidences(variant, begin);
        expect(solve.run(kernel, 0, 3, [2, 0, 1])).toBe(0);
        expect(solve.memory.touchedCanaries()).toEqual([]);
        return solve.bits();
      };
      expect(solved(ABOVE_2_GIB)).toEqual(solved());
    });

    test("a row from its slices has the bits it has below", () => {
      const solved = (begin?: number) => {
        const solve = placedConfidences(variant, begin);
        expect(solve.solveSliced(2, 0)).toBe(0);
        expect(solve.memory.touchedCanaries()).toEqual([]);
        return solve.bits();
      };
      expect(solved(ABOVE_2_GIB)).toEqual(solved());
    });

    test("factors that may not be negative have the bits they have below", () => {
      const { block, columns, confidence } = confidenceCase({ factors: 13, lengths: LENGTHS, numColumns: 29 });
      const solved = (begin = 1024) => {
        const options = { begin, sweeps: 20, start: startRows(3, 13, 8, true) };
        const solve = new PlacedSolve(variant, block, columns, confidence, options);
        expect(solve.solve(0, 3)).toBe(0);
        expect(solve.memory.touchedCanaries()).toEqual([]);
        return solve.bits();
      };
      expect(solved(ABOVE_2_GIB)).toEqual(solved());
    });
  });

  test.each(VARIANTS)("Gram matrices, losses and gradients are what they are below, %s", (variant) => {
    const results = (begin?: number) => {
      const placed = placedTables(variant, begin);
      const { memory, offsetsPtr, entries, rows, fixed, parametersPtr, gram, gradient } = placed;
      const kernels = { ...memory.kernels, ...memory.kernelsOf(ALTERNATING_KERNELS) };
      kernels.gramRows(0, 29, gram.ptr, fixed.factors.ptr, 16, placed.workspacePtr);
      kernels.gramRows(3, 17, gram.ptr + 1024, fixed.factors.ptr, 16, placed.workspacePtr);
      kernels.mergeGrams(0, 256, gram.ptr, gram.ptr, 2, 256, 0.5);
      kernels.addScaled(0, 99, gram.ptr + 1024, gram.ptr, 3);
      const args = [offsetsPtr, ...entries, rows.ptr, fixed.ptr, 16, parametersPtr] as const;
      const losses = [
        kernels.lossRows(0, 3, ...args),
        kernels.penaltyRows(0, 3, offsetsPtr, rows.ptr, 16, parametersPtr),
      ];
      kernels.gradientRows(0, 3, ...args, gradient.ptr);
      expect(memory.touchedCanaries()).toEqual([]);
      return { losses, gram: [...gram.view], gradient: [...gradient.view] };
    };
    expect(results(ABOVE_2_GIB)).toEqual(results());
  });
});

describe.skipIf(!canReserve(FOUR_GIB))("rows at the very end of 4 GiB, where the address behind is 0 again", () => {
  /** The fixed factors and then the workspace where the memory ends: the bits are those of elsewhere. */
  const expectSameAtEnd = (solve: PlacedSolve, kernel: RowKernel): void => {
    const { memory, fixed, stride, solvedFactors } = solve;
    const start = solvedFactors.view.slice();
    expect(solve.run(kernel, 0, 3)).toBe(0);
    const expected = solve.bits();
    growToEnd(memory);
    const factorsPtr = moveToEnd(memory, fixed.factors.ptr, 29 * stride * 4);
    const fixedPtr = memory.uint32([factorsPtr, fixed.biases.ptr, 0, 0]).ptr;
    for (const places of [{ fixedPtr }, { workspacePtr: FOUR_GIB - solve.workspaceBytes(kernel) }]) {
      solvedFactors.view.set(start);
      expect(solve.run(kernel, 0, 3, undefined, places)).toBe(0);
      expect(solve.bits()).toEqual(expected);
    }
    expect(memory.touchedCanaries()).toEqual([]);
  };

  test.each(VARIANTS)("the fixed factors and the workspace of solveRows of ratings, %s", (variant) => {
    const random = randomOf(8);
    const columns = randomSide(29, 13, random);
    expectSameAtEnd(new PlacedSolve(variant, randomBlock(LENGTHS, 29, random), columns, RIDGE), "solveRows");
  });

  describe.each(VARIANTS)("confidences, %s", (variant) => {
    test.each(ROW_KERNELS)("the fixed factors and the workspace of %s", (kernel) => {
      expectSameAtEnd(placedConfidences(variant), kernel);
    });
  });

  test.each(VARIANTS)("what gramRows, mergeGrams, gradientRows and addScaled read and write, %s", (variant) => {
    const placed = placedTables(variant);
    const { memory, offsetsPtr, entries, rows, fixed, parametersPtr, gradient } = placed;
    const kernels = { ...memory.kernels, ...memory.kernelsOf(ALTERNATING_KERNELS) };
    growToEnd(memory);
    const bitsAt = (ptr: number, words: number): number[] => [...new Uint32Array(memory.memory.buffer, ptr, words)];
    const gramAt = (gramPtr: number, factorsPtr: number, workspacePtr: number): number[] => {
      kernels.gramRows(0, 29, gramPtr, factorsPtr, 16, workspacePtr);
      return bitsAt(gramPtr, 256);
    };
    const { ptr } = placed.gram;
    const { workspacePtr } = placed;
    const expected = gramAt(ptr, fixed.factors.ptr, workspacePtr);
    expect(new Set(expected).size).toBeGreaterThan(91);
    expect(gramAt(ptr, fixed.factors.ptr, FOUR_GIB - panelBytes(16))).toEqual(expected);
    expect(gramAt(FOUR_GIB - 1024, fixed.factors.ptr, workspacePtr)).toEqual(expected);
    kernels.mergeGrams(0, 256, ptr, FOUR_GIB - 1024, 1, 256, 1);
    expect(bitsAt(ptr, 256)).toEqual(expected);
    kernels.mergeGrams(0, 256, FOUR_GIB - 1024, ptr, 1, 256, -1);
    kernels.addScaled(0, 256, FOUR_GIB - 1024, ptr, 1);
    expect(new Set(new Float32Array(memory.memory.buffer, FOUR_GIB - 1024, 256))).toEqual(new Set([0]));
    expect(gramAt(ptr, moveToEnd(memory, fixed.factors.ptr, 29 * 64), workspacePtr)).toEqual(expected);

    const args = [offsetsPtr, ...entries, rows.ptr, fixed.ptr, 16, parametersPtr] as const;
    kernels.gradientRows(0, 3, ...args, gradient.ptr);
    kernels.gradientRows(0, 3, ...args, FOUR_GIB - 192);
    expect(bitsAt(FOUR_GIB - 192, 48)).toEqual(bitsAt(gradient.ptr, 48));
    expect(memory.touchedCanaries()).toEqual([]);
  });
});
