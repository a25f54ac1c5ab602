import { describe, expect, test } from "vitest";
import { bundledKernels, type Kernels, type Variant } from "../../src/engine/kernels.js";
import { VARIANTS } from "./kernel-memory.js";
import { PlacedPass, randomBlock, randomOf, randomSide } from "./rating-pass.js";

const SECTION = { import: 2, memory: 5, global: 6, export: 7, start: 8, data: 11, dataCount: 12 };
const MEMORY_IMPORT = 2;
const SHARED_WITH_MAXIMUM = 0x03;
const UNSHARED_WITH_MAXIMUM = 0x01;

/** Reads the binary format: whole numbers in LEB128, names by their length. */
class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  name(): string {
    const length = this.number();
    this.at += length;
    return String.fromCharCode(...this.bytes.subarray(this.at - length, this.at));
  }
}

/** Where the content of each section begins, by its id. */
function sectionsOf(bytes: Uint8Array): Map<number, number> {
  const sections = new Map<number, number>();
  const reader = new Reader(bytes, 8); // magic and version
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.number();
    sections.set(id, reader.at);
    reader.at += length;
  }
  expect(reader.at).toBe(bytes.length);
  return sections;
}

/** The only import: its names, and its limits with the place of their flag. */
function memoryImport(bytes: Uint8Array) {
  const reader = new Reader(bytes, sectionsOf(bytes).get(SECTION.import)!);
  expect(reader.number()).toBe(1);
  const name = `${reader.name()}.${reader.name()}`;
  const kind = reader.byte();
  const flagAt = reader.at;
  return { name, kind, flagAt, flag: reader.byte(), initial: reader.number(), maximum: reader.number() };
}

// The relaxed binary is looked at also where it cannot run.
describe.each(["strict", "relaxed"] as const)("the %s binary", (variant: Variant) => {
  const bytes = bundledKernels(variant);

  test("has no data, nothing that runs at its start, and no memory of its own", () => {
    const sections = sectionsOf(bytes);
    for (const absent of [SECTION.data, SECTION.dataCount, SECTION.start, SECTION.memory]) {
      expect(sections.has(absent)).toBe(false);
    }
    expect(sections.has(SECTION.export)).toBe(true);
  });

  test("imports one shared memory, small at first, and nothing else", () => {
    const { name, kind, flag, initial, maximum } = memoryImport(bytes);
    expect({ name, kind, flag, maximum }).toEqual({
      name: "env.memory",
      kind: MEMORY_IMPORT,
      flag: SHARED_WITH_MAXIMUM,
      maximum: 65536,
    });
    expect(initial).toBeLessThanOrEqual(2);
  });

  test("has one global, the number of the interface, which nobody can change", () => {
    const reader = new Reader(bytes, sectionsOf(bytes).get(SECTION.global)!);
    expect(reader.number()).toBe(1);
    const type = reader.byte();
    const isMutable = reader.byte();
    const opcode = reader.byte();
    expect({ type, isMutable, opcode, value: reader.number() }).toEqual({
      type: 0x7f, // i32
      isMutable: 0,
      opcode: 0x41, // i32.const
      value: 3,
    });
  });
});

describe.each(VARIANTS)("the %s module", (variant) => {
  test("exports the kernels and the number of the interface", () => {
    const exports = WebAssembly.Module.exports(new WebAssembly.Module(bundledKernels(variant)));
    const names = (kind: string): string[] => exports.filter((each) => each.kind === kind).map((each) => each.name);
    expect(names("global")).toEqual(["INTERFACE_VERSION"]);
    expect(names("function").sort()).toEqual([
      "accumulateSlice",
      "adagradRows",
      "adamRows",
      "addScaled",
      "conjugateGradientRows",
      "countBeyond",
      "explainEntries",
      "fillNormalRows",
      "gradientRows",
      "gramRows",
      "lossRows",
      "mergeGrams",
      "mergeSlices",
      "packPanels",
      "penaltyRows",
      "scaleValues",
      "scoreColumns",
      "scorePairs",
      "selectTop",
      "sgdRows",
      "similarityRows",
      "solveMerged",
      "solveRows",
      "squaredErrorPairs",
      "subspaceRows",
      "topColumns",
    ]);
  });

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
