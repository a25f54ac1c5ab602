import { expect, test } from "vitest";
import type { AlternatingKernels } from "../../src/engine/alternating-kernels.js";
import type { AutorecKernels } from "../../src/engine/autorec-kernels.js";
import type { DescentKernels } from "../../src/engine/descent-kernels.js";
import type { Kernels } from "../../src/engine/kernels.js";

/** What the module of each family exports beside its memory and the number of the interface. */
export const KERNEL_NAMES = {
  alternating: [
    "addScaled",
    "conjugateGradientRows",
    "gradientRows",
    "lossRows",
    "penaltyRows",
    "principalAxes",
    "rotateRows",
    "shortRows",
    "subspaceRows",
  ] satisfies (keyof AlternatingKernels)[],
  autorec: [
    "decodeRows",
    "encodeTiles",
    "learnTiles",
    "packTiles",
    "placeCodes",
    "placeDecoder",
    "unpackTiles",
  ] satisfies (keyof AutorecKernels)[],
  core: [
    "accumulateSlice",
    "countBeyond",
    "explainEntries",
    "fillNormalRows",
    "gramRows",
    "mergeGrams",
    "mergeSlices",
    "packPanels",
    "scaleValues",
    "scoreColumns",
    "scorePairs",
    "selectTop",
    "similarityRows",
    "solveMerged",
    "solveRows",
    "squaredErrorPairs",
    "topColumns",
  ] satisfies (keyof Kernels)[],
  descent: ["adagradRows", "adamRows", "cutBand", "sgdRows"] satisfies (keyof DescentKernels)[],
};

const SECTION = { import: 2, memory: 5, global: 6, export: 7, start: 8, data: 11, dataCount: 12 };
const KINDS = ["function", "table", "memory", "global"];
const SHARED_WITH_MAXIMUM = 0x03;

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
export function memoryImport(bytes: Uint8Array) {
  const reader = new Reader(bytes, sectionsOf(bytes).get(SECTION.import)!);
  expect(reader.number()).toBe(1);
  const name = `${reader.name()}.${reader.name()}`;
  const kind = KINDS[reader.byte()];
  const flagAt = reader.at;
  return { name, kind, flagAt, flag: reader.byte(), initial: reader.number(), maximum: reader.number() };
}

/** The names of the exports by their kinds. */
function exportsOf(bytes: Uint8Array): Record<string, string[]> {
  const reader = new Reader(bytes, sectionsOf(bytes).get(SECTION.export)!);
  const names: Record<string, string[]> = {};
  for (let left = reader.number(); left > 0; left--) {
    const name = reader.name();
    const kind = KINDS[reader.byte()]!;
    reader.number(); // its index
    names[kind] = [...(names[kind] ?? []), name].sort();
  }
  return names;
}

/** What every module must be, whether it has one family of kernels or all of them. */
export function testBinary(bytes: Uint8Array, kernelNames: readonly string[]): void {
  test("has no data, nothing that runs at its start, and no memory of its own", () => {
    const sections = sectionsOf(bytes);
    for (const absent of [SECTION.data, SECTION.dataCount, SECTION.start, SECTION.memory]) {
      expect(sections.has(absent)).toBe(false);
    }
  });

  test("imports one shared memory, small at first, and nothing else", () => {
    const { name, kind, flag, initial, maximum } = memoryImport(bytes);
    expect({ name, kind, flag, maximum }).toEqual({
      name: "env.memory",
      kind: "memory",
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
      value: 6,
    });
  });

  test("exports the kernels, the number of the interface and the memory", () => {
    expect(exportsOf(bytes)).toEqual({
      function: [...kernelNames].sort(),
      global: ["INTERFACE_VERSION"],
      memory: ["memory"],
    });
  });
}
