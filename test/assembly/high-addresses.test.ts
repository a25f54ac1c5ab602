import { describe, expect, test } from "vitest";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { PlacedPass, placeSide, randomBlock, randomOf, randomSide } from "./rating-pass.js";

/** Above 2^31, where an address taken for an i32 is negative. */
const ABOVE_2_GIB = 2 ** 31 + 2 ** 20;
const FOUR_GIB = 2 ** 32;

/** Whether the host gives so many addresses; pages that nobody touches cost nothing. */
function canReserve(bytes: number): boolean {
  try {
    new WebAssembly.Memory({ initial: bytes / 65536, maximum: 65536, shared: true });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!canReserve(ABOVE_2_GIB))("above 2 GiB", () => {
  test.each(VARIANTS)("sgdRows has the bits it has below, %s", (variant) => {
    const random = randomOf(6);
    const rows = randomSide(7, 13, random);
    const columns = randomSide(5, 13, random);
    const block = randomBlock([3, 0, 9, 1, 4, 20, 2], 5, random);
    const below = new PlacedPass(variant, block, rows, columns);
    const above = new PlacedPass(variant, block, rows, columns, { begin: ABOVE_2_GIB });
    expect(above.rows.factors.ptr).toBeGreaterThan(2 ** 31);
    expect(above.run("sgdRows", 0, 7, [0.0625, 0.0625])).toBe(below.run("sgdRows", 0, 7, [0.0625, 0.0625]));
    expect(above.rows.factors.view).toEqual(below.rows.factors.view);
    expect(above.columns.factors.view).toEqual(below.columns.factors.view);
    expect(above.columns.biases.view).toEqual(below.columns.biases.view);
    expect(above.memory.touchedCanaries()).toEqual([]);
  });

  test.each(VARIANTS)("scorePairs and selectTop have the bits they have below, %s", (variant) => {
    const random = randomOf(7);
    const rows = randomSide(3, 20, random);
    const columns = randomSide(29, 20, random);
    const best = (begin?: number) => {
      const memory = new KernelMemory(variant, begin);
      const [p, q] = [placeSide(memory, rows), placeSide(memory, columns)];
      const users = memory.uint32(columns.factors.map((_, at) => (at === 4 ? UNKNOWN_INDEX : at % 3)));
      const items = memory.uint32([...columns.factors.keys()]);
      const scores = memory.float32(29);
      const tables = [p.factors.ptr, q.factors.ptr, p.biases.ptr, q.biases.ptr, p.stride, 0] as const;
      memory.kernels.scorePairs(0, 29, users.ptr, items.ptr, ...tables, scores.ptr);
      const [indices, top] = [memory.uint32(10), memory.float32(10)];
      memory.kernels.selectTop(29, 10, scores.ptr, indices.ptr, top.ptr);
      expect(memory.touchedCanaries()).toEqual([]);
      return { scores: [...scores.view], indices: [...indices.view], top: [...top.view] };
    };
    expect(best(ABOVE_2_GIB)).toEqual(best());
  });
});

describe.skipIf(!canReserve(FOUR_GIB))("at the very end of 4 GiB, where the address behind a table is 0 again", () => {
  test.each(VARIANTS)("%s", (variant) => {
    const size = 37;
    const ptr = FOUR_GIB - size * 4;
    const memory = new KernelMemory(variant);
    memory.memory.grow(65536 - memory.memory.buffer.byteLength / 65536);
    const values = new Float32Array(memory.memory.buffer, ptr, size);
    values.forEach((_, at) => {
      values[at] = at;
    });
    memory.kernels.scaleValues(0, size, ptr, 2);
    expect([...values]).toEqual(Array.from(values, (_, at) => 2 * at));
    values[size - 1] = Number.NaN;
    expect(memory.kernels.countBeyond(0, size, ptr, 1000)).toBe(1);
    values[size - 1] = 1000;
    const [indices, top] = [memory.uint32(2), memory.float32(2)];
    expect(memory.kernels.selectTop(size, 2, ptr, indices.ptr, top.ptr)).toBe(2);
    expect([...indices.view]).toEqual([36, 35]);
    expect(memory.kernels.fillNormalRows(0, 1, FOUR_GIB - 64, 16, 16, 1, 1, 0, 5)).toBe(0);
    expect(values.at(-1)).not.toBe(1000);
  });
});
