import { describe, expect, test } from "vitest";
import { strideOf } from "../../src/engine/matrix.js";
import { gramTwin } from "../twins/confidence-row.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { placeSide, randomOf, randomSide } from "./rating-pass.js";
import { paddedSize, panelBytes } from "./row-workspaces.js";

const FACTOR_COUNTS = [0, 1, 3, 4, 5, 8, 13, 16, 20, 31, 64, 100];
const ROW_COUNTS = [0, 1, 2, 127, 128, 129, 1000];

describe.each(VARIANTS)("gramRows, %s", (variant) => {
  const setUp = (factors: number, numRows: number) => {
    const memory = new KernelMemory(variant);
    const side = randomSide(Math.max(1, numRows), factors, randomOf(factors + 9000));
    const { factors: placed } = placeSide(memory, side);
    const stride = strideOf(factors);
    const size = paddedSize(stride);
    const workspacePtr = memory.float32(panelBytes(stride) / 4).ptr;
    const run = (rowBegin: number, rowEnd: number): Float32Array => {
      const { ptr, view } = memory.float32(size * size);
      expect(memory.kernels.gramRows(rowBegin, rowEnd, ptr, placed.ptr, stride, workspacePtr)).toBe(0);
      return view;
    };
    return { memory, side, size, run };
  };

  /** The upper triangle by blocks of 8 is that of the twin, what lies under the blocks and in the padding is 0. */
  const expectGram = (gram: Float32Array, twin: readonly Float64Array[], size: number): void => {
    const wrong = [...gram.keys()].filter((at) => {
      const [i, j] = [Math.floor(at / size), at % size];
      if (i >= twin.length || j >= twin.length || i >> 3 > j >> 3) return gram[at] !== 0;
      // √1000 terms round by 6e-8 of what the lengths of both columns let the sum be
      return !(Math.abs(gram[at]! - twin[i]![j]!) <= 2e-6 * Math.sqrt(twin[i]![i]! * twin[j]![j]!));
    });
    expect(wrong).toEqual([]);
  };

  test.each(FACTOR_COUNTS)("as the f64 twin, %i factors", (factors) => {
    for (const numRows of ROW_COUNTS) {
      const { memory, side, size, run } = setUp(factors, numRows);
      expectGram(run(0, numRows), gramTwin(side.factors, 1, 0, numRows), size);
      expect(memory.touchedCanaries()).toEqual([]);
    }
  });

  test.each([
    [0, 0],
    [7, 7],
    [5, 6],
    [100, 229],
    [3, 131],
  ])("only rows [%i, %i)", (rowBegin, rowEnd) => {
    for (const factors of [5, 8, 20]) {
      const { memory, side, size, run } = setUp(factors, 300);
      expectGram(run(rowBegin, rowEnd), gramTwin(side.factors, 1, rowBegin, rowEnd), size);
      expect(memory.touchedCanaries()).toEqual([]);
    }
  });
});

describe.each(VARIANTS)("mergeGrams, %s", (variant) => {
  const partialsOf = (numPartials: number, floats: number): Float32Array => {
    const random = randomOf(numPartials + 9500);
    return Float32Array.from({ length: numPartials * floats }, () => 2 * random.nextUniform() - 1);
  };

  test.each([0, 1, 2, 3, 5, 7, 64])("%i partials, scaled, added in f64 in their order", (numPartials) => {
    for (const floats of [0, 1, 64, 256]) {
      for (const scale of [1, 0.1, -3]) {
        const memory = new KernelMemory(variant);
        const content = partialsOf(numPartials, floats);
        const partials = memory.float32(content);
        const gram = memory.float32(floats);
        const args = [gram.ptr, partials.ptr, numPartials, floats, scale] as const;
        expect(memory.kernels.mergeGrams(0, floats, ...args)).toBe(0);
        const expected = Float32Array.from({ length: floats }, (_, at) => {
          let sum = 0;
          for (let part = 0; part < numPartials; part++) sum += content[part * floats + at]!;
          return Math.fround(scale) * sum;
        });
        expect(gram.view.map((value) => value + 0)).toEqual(expected.map((value) => value + 0)); // −0 is as good as 0
        expect(partials.view).toEqual(content);
        expect(memory.touchedCanaries()).toEqual([]);
      }
    }
  });

  test("f64 keeps what f32 would lose", () => {
    const memory = new KernelMemory(variant);
    const partials = memory.float32([2 ** 30, 1, 1, 1, -(2 ** 30)]);
    const gram = memory.float32(1);
    memory.kernels.mergeGrams(0, 1, gram.ptr, partials.ptr, 5, 1, 1);
    expect([...gram.view]).toEqual([3]);
  });

  test.each([
    [0, 0],
    [64, 64],
    [8, 24],
    [63, 64],
  ])("only entries [%i, %i)", (begin, end) => {
    const memory = new KernelMemory(variant);
    const content = partialsOf(3, 64);
    const partials = memory.float32(content);
    const gram = memory.float32(new Float32Array(64).fill(9));
    memory.kernels.mergeGrams(begin, end, gram.ptr, partials.ptr, 3, 64, 2);
    const expected = Float32Array.from({ length: 64 }, (_, at) => {
      return at >= begin && at < end ? 2 * (content[at]! + content[64 + at]! + content[128 + at]!) : 9;
    });
    expect(gram.view).toEqual(expected);
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test("the chunks of a table add up to what the whole has", () => {
    const memory = new KernelMemory(variant);
    const side = randomSide(1000, 13, randomOf(9001));
    const placed = placeSide(memory, side);
    const floats = 16 * 16;
    const partials = memory.float32(4 * floats);
    const workspacePtr = memory.float32(panelBytes(16) / 4).ptr;
    [0, 1, 130, 997, 1000].forEach((end, chunk, ends) => {
      if (chunk === 0) return;
      const gramPtr = partials.ptr + (chunk - 1) * floats * 4;
      memory.kernels.gramRows(ends[chunk - 1]!, end, gramPtr, placed.factors.ptr, 16, workspacePtr);
    });
    const gram = memory.float32(floats);
    memory.kernels.mergeGrams(0, floats, gram.ptr, partials.ptr, 4, floats, 0.5);
    const twin = gramTwin(side.factors, 0.5);
    for (let i = 0; i < 13; i++) {
      for (let j = i; j < 13; j++) {
        expect(Math.abs(gram.view[i * 16 + j]! - twin[i]![j]!)).toBeLessThan(2e-6 * twin[i]![i]!);
      }
    }
    expect(memory.touchedCanaries()).toEqual([]);
  });
});
