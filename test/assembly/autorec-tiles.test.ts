import { describe, expect, test } from "vitest";
import { AUTOREC_KERNELS } from "../../src/engine/autorec-kernels.js";
import type { Variant } from "../../src/engine/kernels.js";
import { KernelMemory, VARIANTS } from "./kernel-memory.js";
import { randomOf } from "./rating-pass.js";

const TILE_COLUMNS = 32;
const ROWS = 7;
/** Between the tiles, where a kernel has nothing to do. */
const GAP = 16;
const BESIDE = 12345;

const strideOf = (columns: number): number => Math.ceil(columns / 4) * 4;

/** Where `row` and `column` are among tiles of `tileFloats`. */
const placeOf = (row: number, column: number, tileFloats: number): number => {
  return Math.floor(column / TILE_COLUMNS) * tileFloats + row * TILE_COLUMNS + (column % TILE_COLUMNS);
};

/** The twin: rows [begin, end) of a matrix, written over `tiles`. */
function packed(tiles: Float32Array, matrix: Float32Array, stride: number, [begin, end]: readonly [number, number]) {
  const result = tiles.slice();
  const tileFloats = ROWS * TILE_COLUMNS + GAP;
  const columns = Math.ceil(stride / TILE_COLUMNS) * TILE_COLUMNS;
  for (let row = begin; row < end; row++) {
    for (let column = 0; column < columns; column++) {
      result[placeOf(row, column, tileFloats)] = column < stride ? matrix[row * stride + column]! : 0;
    }
  }
  return result;
}

/** A matrix and room for its tiles, with something in it that is none of the matrix's. */
function place(variant: Variant, columns: number) {
  const stride = strideOf(columns);
  const random = randomOf(columns);
  const matrix = Float32Array.from({ length: ROWS * stride }, () => random.nextUniform() - 0.5);
  const tileFloats = ROWS * TILE_COLUMNS + GAP;
  const memory = new KernelMemory(variant);
  const kernels = memory.kernelsOf(AUTOREC_KERNELS);
  const rows = memory.float32(matrix);
  const tiles = memory.float32(new Float32Array(Math.ceil(stride / TILE_COLUMNS) * tileFloats).fill(BESIDE));
  const shared = [rows.ptr, stride, tiles.ptr, 4 * tileFloats] as const;
  return { memory, kernels, matrix, stride, rows, tiles, shared };
}

const COLUMNS = [0, 1, 4, 13, 31, 32, 33, 61, 64, 65, 97];
const PARTS = [
  [0, 0],
  [3, 3],
  [0, 1],
  [2, 5],
  [6, 7],
] as const;

describe.each(VARIANTS)("packTiles, %s", (variant) => {
  test.each(COLUMNS)("%i columns", (columns) => {
    const { memory, kernels, matrix, stride, rows, tiles, shared } = place(variant, columns);
    const expected = packed(tiles.view, matrix, stride, [0, ROWS]);
    expect(kernels.packTiles(0, ROWS, ...shared)).toBe(0);
    expect(tiles.view).toEqual(expected);
    expect(rows.view).toEqual(matrix);
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test.each(PARTS)("only rows [%i, %i)", (begin, end) => {
    const { memory, kernels, matrix, stride, tiles, shared } = place(variant, 37);
    const expected = packed(tiles.view, matrix, stride, [begin, end]);
    kernels.packTiles(begin, end, ...shared);
    expect(tiles.view).toEqual(expected);
    expect(memory.touchedCanaries()).toEqual([]);
  });
});

describe.each(VARIANTS)("unpackTiles, %s", (variant) => {
  test.each(COLUMNS)("%i columns, whatever stands behind the last", (columns) => {
    const { memory, kernels, matrix, stride, rows, tiles, shared } = place(variant, columns);
    const content = packed(tiles.view, matrix, stride, [0, ROWS]).map((value) => (value === 0 ? Number.NaN : value));
    tiles.view.set(content);
    rows.view.fill(BESIDE);
    expect(kernels.unpackTiles(0, ROWS, ...shared)).toBe(0);
    expect(rows.view).toEqual(matrix);
    expect(tiles.view).toEqual(content);
    expect(memory.touchedCanaries()).toEqual([]);
  });

  test.each(PARTS)("only rows [%i, %i)", (begin, end) => {
    const { memory, kernels, matrix, stride, rows, tiles, shared } = place(variant, 37);
    tiles.view.set(packed(tiles.view, matrix, stride, [0, ROWS]));
    rows.view.fill(BESIDE);
    kernels.unpackTiles(begin, end, ...shared);
    const isIn = (at: number): boolean => at >= begin * stride && at < end * stride;
    expect(rows.view).toEqual(matrix.map((value, at) => (isIn(at) ? value : BESIDE)));
    expect(memory.touchedCanaries()).toEqual([]);
  });
});
