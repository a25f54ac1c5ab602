import { describe, expect, test } from "vitest";
import { UNKNOWN_INDEX } from "../../src/engine/kernels.js";
import { ABOVE_2_GIB, canReserve, FOUR_GIB, growToEnd, moveToEnd } from "./high-memory.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { PlacedPass, placeSide, randomBlock, randomOf, randomSide } from "./rating-pass.js";
import { randomSides } from "./score-tables.js";
import { mixedList, TopTables, topWorkspaceBytes } from "./top-lists.js";

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
      memory.kernels.selectTop(29, 10, -Infinity, scores.ptr, indices.ptr, top.ptr);
      expect(memory.touchedCanaries()).toEqual([]);
      return { scores: [...scores.view], indices: [...indices.view], top: [...top.view] };
    };
    expect(best(ABOVE_2_GIB)).toEqual(best());
  });

  test.each(VARIANTS)("packPanels and topColumns have the bits they have below, %s", (variant) => {
    const lists = (begin?: number) => {
      const tables = new TopTables(variant, randomSides(7, 29, 13), begin);
      const list = mixedList(13, 7);
      const query = { list, count: 4, seen: list.map((_, at) => [28, at, at]), candidates: [0, 3, 5, 8, 9, 20, 28] };
      const found = tables.topColumns(query);
      expect(tables.memory.touchedCanaries()).toEqual([]);
      return found;
    };
    expect(lists(ABOVE_2_GIB)).toEqual(lists());
    expect(lists().indices.flat().length).toBe(52);
  });

  test.each(VARIANTS)("similarityRows has the bits it has below, %s", (variant) => {
    const side = randomSide(5, 13, randomOf(9));
    const units = (begin?: number) => {
      const memory = new KernelMemory(variant, begin);
      const [to, biases] = [memory.float32(5 * 16), memory.float32(5)];
      memory.kernels.similarityRows(0, 5, 1, placeSide(memory, side).factors.ptr, 16, to.ptr, biases.ptr);
      return [...to.view, ...biases.view];
    };
    expect(units(ABOVE_2_GIB)).toEqual(units());
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
    expect(memory.kernels.selectTop(size, 2, -Infinity, ptr, indices.ptr, top.ptr)).toBe(2);
    expect([...indices.view]).toEqual([36, 35]);
    expect(memory.kernels.fillNormalRows(0, 1, FOUR_GIB - 64, 16, 16, 1, 1, 0, 5)).toBe(0);
    expect(values.at(-1)).not.toBe(1000);
  });

  test.each(VARIANTS)("columns, panels, biases, lists and workspace of topColumns, %s", (variant) => {
    const tables = new TopTables(variant, randomSides(7, 29, 13));
    const { memory, rows, columns, stride, sides } = tables;
    const list = memory.uint32(mixedList(13, 7)).ptr;
    const [indices, scores, counts] = [memory.uint32(39), memory.float32(39), memory.uint32(13)];
    const rowsPtr = memory.uint32([list, rows.factors.ptr, rows.biases.ptr]).ptr;
    const packed = tables.pack(undefined);
    const [numPanels, panelsPtr, biasPtr, , , boundsPtr] = new Uint32Array(memory.memory.buffer, packed, 6);
    const workspaceBytes = topWorkspaceBytes(stride, undefined);
    const workspacePtr = memory.float32(workspaceBytes / 4).ptr;
    growToEnd(memory);
    const run = (panels: number, biases: number, scoresPtr: number, workspace: number, bounds = boundsPtr!) => {
      const columnsPtr = memory.uint32([numPanels!, panels, biases, 0, 29, bounds]).ptr;
      const resultsPtr = memory.uint32([3, indices.ptr, scoresPtr, counts.ptr]).ptr;
      memory.kernels.topColumns(0, 13, rowsPtr, columnsPtr, 0, stride, sides.offset, -9, resultsPtr, workspace);
      return [...indices.view, ...new Float32Array(memory.memory.buffer, scoresPtr, 39), ...counts.view];
    };
    const expected = run(panelsPtr!, biasPtr!, scores.ptr, workspacePtr);
    expect(new Set(expected.slice(0, 39)).size).toBeGreaterThan(5);
    const panelBytes = numPanels! * 8 * stride * 4;
    expect(run(moveToEnd(memory, panelsPtr!, panelBytes), biasPtr!, scores.ptr, workspacePtr)).toEqual(expected);
    expect(run(panelsPtr!, moveToEnd(memory, biasPtr!, numPanels! * 32), scores.ptr, workspacePtr)).toEqual(expected);
    expect(run(panelsPtr!, biasPtr!, FOUR_GIB - 39 * 4, workspacePtr)).toEqual(expected);
    expect(run(panelsPtr!, biasPtr!, scores.ptr, FOUR_GIB - workspaceBytes)).toEqual(expected);
    const bounds = moveToEnd(memory, boundsPtr!, numPanels! * 8);
    expect(run(panelsPtr!, biasPtr!, scores.ptr, workspacePtr, bounds)).toEqual(expected);
    const columnsPtr = moveToEnd(memory, columns.factors.ptr, 29 * stride * 4);
    const panels = new Float32Array(memory.memory.buffer, panelsPtr!, panelBytes / 4);
    const before = panels.slice();
    panels.fill(0);
    const toPtrs = [panelsPtr!, biasPtr!, boundsPtr!] as const;
    memory.kernels.packPanels(0, numPanels!, 0, 29, columnsPtr, columns.biases.ptr, stride, ...toPtrs);
    expect(panels).toEqual(before);
    expect(memory.touchedCanaries()).toEqual([]);
  });
});
