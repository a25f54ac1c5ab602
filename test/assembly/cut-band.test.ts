import { describe, expect, test } from "vitest";
import { RandomStream } from "../../src/data/random.js";
import { DESCENT_KERNELS } from "../../src/engine/descent-kernels.js";
import type { Variant } from "../../src/engine/kernels.js";
import { ABOVE_2_GIB, canReserve } from "./high-memory.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { randomBlock, randomOf } from "./rating-pass.js";

const PURPOSE = 4;
const SEED = 5 * 2 ** 32 + 0x9e3779b9;

interface Band {
  /** Of the rows, those in front of the band and behind it too. */
  lengths: readonly number[];
  rowBegin: number;
  rowEnd: number;
  numColumns: number;
  numPanels: number;
  offset?: number;
  scale?: number;
}

/** The rows of a matrix, the panel of each column, and room for what the kernel writes. */
function place(variant: Variant, band: Band, begin?: number) {
  const { lengths, rowBegin, rowEnd, numColumns, numPanels, offset = 0, scale = 1 } = band;
  const random = randomOf(31 + numPanels);
  const { offsets, columns, values } = randomBlock(lengths, numColumns, random);
  const panelOf = Uint8Array.from({ length: numColumns }, () => random.nextBelow(numPanels));
  const memory = new KernelMemory(variant, begin);
  const placed = {
    offsets: memory.uint32(offsets),
    columns: memory.uint32(columns),
    values: memory.float32(values),
    panelOf: memory.uint32(Math.ceil(numColumns / 4)),
    blockOffsets: memory.uint32(numPanels * (rowEnd - rowBegin + 1)),
    workspace: memory.uint32(16 + numPanels + 2 * (offsets[rowEnd]! - offsets[rowBegin]!)),
  };
  new Uint8Array(memory.memory.buffer, placed.panelOf.ptr, numColumns).set(panelOf);
  const [low, high] = [SEED >>> 0, Math.floor(SEED / 2 ** 32)];
  const tables = [placed.offsets, placed.columns, placed.values, placed.panelOf].map(({ ptr }) => ptr);
  const result = memory
    .kernelsOf(DESCENT_KERNELS)
    .cutBand(
      ...([rowBegin, rowEnd, placed.blockOffsets.ptr] as const),
      ...(tables as [number, number, number, number]),
      ...([numPanels, offset, scale, low, high, PURPOSE, placed.workspace.ptr] as const),
    );
  expect(result).toBe(0);
  expect(memory.touchedCanaries()).toEqual([]);
  const cut = { columns: placed.columns.view, values: placed.values.view };
  return { given: { offsets, columns, values }, panelOf, cut, blockOffsets: placed.blockOffsets.view };
}

type Given = ReturnType<typeof place>["given"];

/** The same, from its documentation. */
function cutTwin(given: Given, panelOf: Uint8Array, band: Band) {
  const { rowBegin, rowEnd, numPanels, offset = 0, scale = 1 } = band;
  const { offsets } = given;
  const columns = Array.from(given.columns);
  const values = Array.from(given.values);
  const rows = Array.from({ length: rowEnd - rowBegin }, (_, place) => {
    const row = rowBegin + place;
    const entries = Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, at) => offsets[row]! + at);
    const random = new RandomStream(SEED, PURPOSE, 0, row);
    for (let last = entries.length - 1; last > 0; last--) {
      const other = random.nextBelow(last + 1);
      [entries[last], entries[other]] = [entries[other]!, entries[last]!];
    }
    return entries;
  });
  const blockOffsets: number[] = [];
  let at = offsets[rowBegin]!;
  for (let panel = 0; panel < numPanels; panel++) {
    for (const entries of rows) {
      blockOffsets.push(at);
      for (const entry of entries) {
        if (panelOf[given.columns[entry]!] !== panel) continue;
        columns[at] = given.columns[entry]!;
        values[at++] = Math.fround((given.values[entry]! - offset) / scale);
      }
    }
    blockOffsets.push(at);
  }
  return { columns, values, blockOffsets };
}

describe.each(VARIANTS)("cutBand, %s", (variant) => {
  const check = (band: Band): void => {
    const { given, panelOf, cut, blockOffsets } = place(variant, band);
    const expected = cutTwin(given, panelOf, band);
    expect([...blockOffsets]).toEqual(expected.blockOffsets);
    expect([...cut.columns]).toEqual(expected.columns);
    expect([...cut.values]).toEqual(expected.values);
  };

  test.each([1, 2, 8, 32])("as the twin, %i panels", (numPanels) => {
    const lengths = [3, 7, 0, 1, 2, 500, 31, 32, 33, 0, 5, 9];
    check({ lengths, rowBegin: 1, rowEnd: 10, numColumns: 101, numPanels, offset: 0.3, scale: 0.7 });
  });

  test.each([
    ["of no rows", [4, 5], 1, 1],
    ["of rows without entries", [4, 0, 0, 5], 1, 3],
    ["of one entry", [1], 0, 1],
    ["of one long row", [2, 70_001, 2], 1, 2],
    ["of all rows", [1, 2, 3, 4], 0, 4],
  ])("a band %s", (_, lengths, rowBegin, rowEnd) => {
    check({ lengths, rowBegin, rowEnd, numColumns: 13, numPanels: 4 });
  });

  test.skipIf(!canReserve(ABOVE_2_GIB))("a band above 2 GiB", () => {
    const band = { lengths: [3, 7, 0, 50, 2], rowBegin: 1, rowEnd: 4, numColumns: 29, numPanels: 8 };
    const [above, below] = [ABOVE_2_GIB, undefined].map((begin) => place(variant, band, begin));
    expect(above).toEqual(below);
  });
});
