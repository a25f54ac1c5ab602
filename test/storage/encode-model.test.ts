import { describe, expect, test } from "vitest";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import { type EncodeOptions, encodeModel, type ModelParts } from "../../src/storage/encode-model.js";
import { LARGEST_VALUE } from "../../src/storage/model-file.js";
import { modelFileBytes } from "../../src/storage/model-sink.js";
import { exampleParts, SMALL } from "./model-parts.js";

/** The small model with some of its parts changed. */
const smallWith = (changes: Partial<ModelParts>): ModelParts => ({ ...exampleParts(SMALL), ...changes });

describe("encodeModel refuses", () => {
  const matrixOf = (...values: number[]) => ({
    matrices: { m: { rows: values.length / 2, columns: 1, stride: 2, values: Float32Array.from(values) } },
  });
  const seenOf = (offsets: number[], columns: number[], values: number[]) => ({
    seen: new SparseMatrix(5, 3, Uint32Array.from(offsets), Uint32Array.from(columns), Float32Array.from(values)),
  });
  test.each<[string, Partial<ModelParts>, EncodeOptions, string]>([
    [
      "NaN in a matrix",
      matrixOf(1, 0, Number.NaN, 0),
      {},
      "m must be a number in [-1000000000000000, 1000000000000000] at [1, 0], got NaN",
    ],
    ["a value over 1e15", matrixOf(2 * LARGEST_VALUE, 0), {}, "at [0, 0], got 1999999973982208"],
    [
      "a value over 65504 by float16",
      matrixOf(1, 0, 65505, 0),
      { float16: true },
      "m must be a number in [-65504, 65504] at [1, 0], got 65505, too large for float16",
    ],
    ["an infinity by float16", matrixOf(-Infinity, 0), { float16: true }, "got -Infinity"],
    [
      "a matrix of another length",
      { matrices: { m: { rows: 2, columns: 1, stride: 2, values: new Float32Array(3) } } },
      {},
      "m must have rows × stride values, and no more columns than stride, got 2 × 1 with stride 2 and 3 values",
    ],
    [
      "a stride below the columns",
      { matrices: { m: { rows: 1, columns: 3, stride: 2, values: new Float32Array(2) } } },
      {},
      "got 1 × 3 with stride 2",
    ],
    [
      "an infinity in a vector",
      { vectors: { user_bias: Float32Array.of(1, Infinity) } },
      {},
      "user_bias must be a finite number at [1], got Infinity",
    ],
    [
      "a vector called as an id tensor",
      { vectors: { item_ids: Float32Array.of(1) } },
      {},
      'tensor names must be distinct, got "item_ids" again',
    ],
    [
      "a parameter that is NaN",
      { parameters: { offset: Number.NaN } },
      {},
      "parameters.offset must be a number, got NaN",
    ],
    [
      "an option that is not finite",
      { options: { damping: Infinity } },
      {},
      "options.damping must be a finite number, a string, true or false, got Infinity",
    ],
    [
      "an option that is an object",
      { options: { damping: {} } },
      {},
      "options.damping must be a finite number, a string, true or false, got an object",
    ],
    [
      "seen of another size",
      { seen: SparseMatrix.fromTriples(5, 4, new Uint32Array(0), new Uint32Array(0)) },
      {},
      "seen must be users × items, 5 × 3, got 5 × 4",
    ],
    [
      "an item twice",
      seenOf([0, 1, 3, 3, 3, 3], [1, 1, 1], [1, 2, 3]),
      {},
      "seen.items must have an item once in a row, got 1 again in row 1",
    ],
    ["an item beyond", seenOf([0, 1, 1, 1, 1, 1], [3], [1]), {}, "seen.items[0] must be below 3, got 3"],
    [
      "a rating that is NaN",
      seenOf([0, 1, 1, 1, 1, 1], [2], [Number.NaN]),
      {},
      "seen.values must be a finite number at [0], got NaN",
    ],
    [
      "counts of another length",
      { counts: { users: new Uint32Array(5), items: new Uint32Array(4) } },
      {},
      "item_counts must have length 3, got 4",
    ],
    ["an unknown option", {}, { half: true } as object, 'save: unknown option "half"; options are float16'],
    ["a float16 that is neither", {}, { float16: 1 } as object, "float16 must be true or false, got 1"],
  ])("%s", (_name, changes, options, message) => {
    expect(() => modelFileBytes(encodeModel(smallWith(changes), options))).toThrow(message);
  });

  test("only what is in the matrix, not its padding", () => {
    const padded = { rows: 1, columns: 1, stride: 2, values: Float32Array.of(1, Number.NaN) };
    expect(() => encodeModel(smallWith({ matrices: { m: padded } }))).not.toThrow();
  });
});
