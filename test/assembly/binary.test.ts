import { describe, expect, test } from "vitest";
import { DESCENT_KERNELS, type DescentKernels } from "../../src/engine/descent-kernels.js";
import { loadKernels } from "../../src/engine/kernel-family.js";
import { KERNEL_NAMES, memoryImport, testBinary } from "./binary-format.js";
import { FAMILIES, VARIANTS } from "./kernel-memory.js";
import { PlacedPass, randomBlock, randomOf, randomSide } from "./rating-pass.js";

const UNSHARED_WITH_MAXIMUM = 0x01;

// The relaxed binaries are looked at also where they cannot run.
describe.each(["strict", "relaxed"] as const)("the %s binary", (variant) => {
  describe.each(FAMILIES)("of $name", async (family) => {
    testBinary(await loadKernels(variant, family), KERNEL_NAMES[family.name as keyof typeof KERNEL_NAMES]);
  });
});

test.each(FAMILIES)("the sample of $name is of no other family", ({ name, sample }) => {
  const families = Object.entries(KERNEL_NAMES).filter(([, names]) => (names as string[]).includes(sample));
  expect(families.map(([family]) => family)).toEqual([name]);
});

describe.each(VARIANTS)("the %s module", (variant) => {
  test("runs over unshared memory, with one byte changed, to the same bits", async () => {
    const bytes = await loadKernels(variant, DESCENT_KERNELS);
    bytes[memoryImport(bytes).flagAt] = UNSHARED_WITH_MAXIMUM;
    const random = randomOf(5);
    const rows = randomSide(7, 13, random);
    const columns = randomSide(5, 13, random);
    const block = randomBlock([3, 0, 9, 1, 4, 20, 2], 5, random);
    const shared = new PlacedPass(variant, block, rows, columns);
    const parameters = shared.memory.float32([0.0625, 0.03125]);
    const memory = new WebAssembly.Memory({
      initial: shared.memory.memory.buffer.byteLength / 65536,
      maximum: 65536,
    });
    new Uint8Array(memory.buffer).set(new Uint8Array(shared.memory.memory.buffer));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    const unshared = instance.exports as unknown as DescentKernels;
    const args = shared.arguments(0, 7, parameters.ptr);
    const loss = shared.memory.kernelsOf(DESCENT_KERNELS).sgdRows(...args);
    expect(loss).toBeGreaterThan(1);
    expect(unshared.sgdRows(...args)).toBe(loss);
    const expected = new Uint32Array(shared.memory.memory.buffer);
    expect(new Uint32Array(memory.buffer).findIndex((word, at) => word !== expected[at])).toBe(-1);
  });
});
