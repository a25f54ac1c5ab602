import { describe, expect, test } from "vitest";
import { ALTERNATING_KERNELS } from "../../src/engine/alternating-kernels.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { randomOf } from "./rating-pass.js";

describe.each(VARIANTS)("scaleValues, %s", (variant) => {
  test.each([0, 1, 2, 3, 4, 5, 7, 8, 13, 64, 101])("%i values, each product rounded to f32", (size) => {
    const random = randomOf(size);
    const values = Float32Array.from({ length: size }, () => random.nextUniform() - 0.5);
    const memory = new KernelMemory(variant);
    const { ptr, view } = memory.float32(values);
    expect(memory.kernels.scaleValues(0, size, ptr, 1.7)).toBe(0);
    expect(view).toEqual(values.map((value) => value * Math.fround(1.7)));
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test.each([
    [0, 0],
    [3, 3],
    [0, 9],
    [5, 23],
    [22, 23],
  ])("only [%i, %i)", (begin, end) => {
    const values = Float32Array.from({ length: 23 }, (_, at) => at - 11);
    const memory = new KernelMemory(variant);
    const { ptr, view } = memory.float32(values);
    memory.kernels.scaleValues(begin, end, ptr, -2);
    expect(view).toEqual(values.map((value, at) => (at >= begin && at < end ? -2 * value : value)));
    expect(memory.touchedCanaries()).toEqual([]);
  });
});

describe.each(VARIANTS)("addScaled, %s", (variant) => {
  test.each([0, 1, 2, 3, 4, 5, 7, 8, 13, 64, 101])("%i values, product and sum rounded to f32", (size) => {
    const random = randomOf(size + 50);
    const draw = (): Float32Array => Float32Array.from({ length: size }, () => random.nextUniform() - 0.5);
    const [into, from] = [draw(), draw()];
    const memory = new KernelMemory(variant);
    const [placed, source] = [memory.float32(into), memory.float32(from)];
    expect(memory.kernelsOf(ALTERNATING_KERNELS).addScaled(0, size, placed.ptr, source.ptr, 1.7)).toBe(0);
    const factor = Math.fround(1.7);
    expect(placed.view).toEqual(into.map((value, at) => value + Math.fround(factor * from[at]!)));
    expect(source.view).toEqual(from);
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test.each([
    [0, 0],
    [3, 3],
    [0, 9],
    [5, 23],
    [22, 23],
  ])("only [%i, %i)", (begin, end) => {
    const memory = new KernelMemory(variant);
    const into = memory.float32(Float32Array.from({ length: 23 }, (_, at) => at));
    const from = memory.float32(Float32Array.from({ length: 23 }, (_, at) => 2 * at - 11));
    memory.kernelsOf(ALTERNATING_KERNELS).addScaled(begin, end, into.ptr, from.ptr, -2);
    const expected = Array.from({ length: 23 }, (_, at) => (at >= begin && at < end ? at - 2 * (2 * at - 11) : at));
    expect([...into.view]).toEqual(expected);
    expect(memory.touchedCanaries()).toEqual([]);
  });
});
