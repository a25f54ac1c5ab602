import { describe, expect, test } from "vitest";
import { AUTOREC_KERNELS } from "../../src/engine/autorec-kernels.js";
import { bundledKernels } from "../../src/engine/kernel-family.js";
import { CORE_KERNELS, type Kernels } from "../../src/engine/kernels.js";
import { KERNEL_NAMES, memoryImport, testBinary } from "./binary-format.js";
import { VARIANTS } from "./kernel-memory.js";
import { PlacedPass, randomBlock, randomOf, randomSide } from "./rating-pass.js";

const UNSHARED_WITH_MAXIMUM = 0x01;

// The relaxed binaries are looked at also where they cannot run.
describe.each(["strict", "relaxed"] as const)("the %s binary", (variant) => {
  describe("of the core", () => testBinary(bundledKernels(variant), KERNEL_NAMES.core));
  describe("of AutoRec", () => testBinary(bundledKernels(variant, AUTOREC_KERNELS), KERNEL_NAMES.autorec));
});

test.each([CORE_KERNELS, AUTOREC_KERNELS])("the sample of $name is of no other family", ({ name, sample }) => {
  const families = Object.entries(KERNEL_NAMES).filter(([, names]) => (names as string[]).includes(sample));
  expect(families.map(([family]) => family)).toEqual([name]);
});

describe.each(VARIANTS)("the %s module", (variant) => {
  test("runs over unshared memory, with one byte changed, to the same bits", () => {
    const bytes = bundledKernels(variant);
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
    const unshared = instance.exports as unknown as Kernels;
    const args = shared.arguments(0, 7, parameters.ptr);
    const loss = shared.memory.kernels.sgdRows(...args);
    expect(loss).toBeGreaterThan(1);
    expect(unshared.sgdRows(...args)).toBe(loss);
    const expected = new Uint32Array(shared.memory.memory.buffer);
    expect(new Uint32Array(memory.buffer).findIndex((word, at) => word !== expected[at])).toBe(-1);
  });
});
