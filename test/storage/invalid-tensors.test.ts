import { describe, expect, test } from "vitest";
import { openModel } from "../../src/storage/model-file.js";
import { type Change, changed, drop, longs, refusal, set, TEXTS } from "./changed-files.js";
import { readAllOf } from "./model-parts.js";
import { rawFile, rawVector, takeApart } from "./raw-file.js";

describe("tensors", () => {
  const f32 = (...numbers: number[]) => Float32Array.from(numbers);
  test.each<[string, Uint8Array, Change, string]>([
    ["no seen items", TEXTS, drop("seen.items"), 'it has no tensor "seen.items"'],
    ["no seen values", TEXTS, drop("seen.values"), 'it has no tensor "seen.values"'],
    ["no seen offsets", TEXTS, drop("seen.offsets"), 'it has no tensor "seen.offsets"'],
    [
      "seen of another number of users",
      TEXTS,
      set("seen.offsets", "I64", longs(0, 3)),
      "seen.offsets must have length 3, got 2",
    ],
    [
      "seen from entry 1",
      TEXTS,
      set("seen.offsets", "I64", longs(1, 3, 3)),
      "seen.offsets must begin with 0 and end with 3, got 1 and 3",
    ],
    [
      "seen to entry 2",
      TEXTS,
      set("seen.offsets", "I64", longs(0, 2, 2)),
      "seen.offsets must begin with 0 and end with 3, got 0 and 2",
    ],
    [
      "seen beyond",
      TEXTS,
      set("seen.offsets", "I64", longs(0, 2 ** 32, 3)),
      "seen.offsets[1] must be a whole number in [0, 3], got 4294967296",
    ],
    [
      "seen of floats",
      TEXTS,
      set("seen.offsets", "F32", f32(0, 3, 3)),
      "seen.offsets must be U32 or I64 or U64, got F32",
    ],
    ["values too few", TEXTS, set("seen.values", "F32", f32(1, 2)), "seen.values must have length 3, got 2"],
    [
      "a value NaN",
      TEXTS,
      set("seen.values", "F32", f32(1, 2, Number.NaN)),
      "seen.values must be a finite number at [2], got NaN",
    ],
    [
      "an item beyond",
      TEXTS,
      set("seen.items", "U32", Uint32Array.of(0, 3, 2)),
      "seen.items[1] must be below 3, got 3",
    ],
    [
      "an item below 0",
      TEXTS,
      set("seen.items", "I64", longs(0, -1, 2)),
      "seen.items[1] must be a whole number in [0, 4294967295], got -1",
    ],
    [
      "an item twice",
      TEXTS,
      set("seen.items", "U32", Uint32Array.of(0, 2, 0)),
      "seen.items must have an item once in a row, got 0 again in row 0",
    ],
    ["one side's counts", TEXTS, drop("user_counts"), 'it has no tensor "user_counts"'],
    ["the other side's counts", TEXTS, drop("item_counts"), 'it has no tensor "item_counts"'],
    [
      "counts too many",
      TEXTS,
      set("user_counts", "U32", Uint32Array.of(1, 2, 3)),
      "user_counts must have length 2, got 3",
    ],
    [
      "a count beyond 2^32",
      TEXTS,
      set("user_counts", "I64", longs(1, 2 ** 32)),
      "user_counts[1] must be a whole number in [0, 4294967295], got 4294967296",
    ],
    ["a vector too long", TEXTS, set("user_bias", "F32", f32(1, 2, 3)), "user_bias must have length 2, got 3"],
    [
      "a vector of whole numbers",
      TEXTS,
      set("user_bias", "U32", Uint32Array.of(1, 2)),
      "user_bias must be F32 or F16 or F64, got U32",
    ],
    [
      "a vector with an infinity",
      TEXTS,
      set("user_bias", "F32", f32(1, -Infinity)),
      "user_bias must be a finite number at [1], got -Infinity",
    ],
    [
      "a vector that f32 cannot hold",
      TEXTS,
      set("user_bias", "F64", Float64Array.of(1e300, 1)),
      "user_bias must be a finite number at [0], got Infinity",
    ],
    [
      "a vector of halfs with a NaN",
      TEXTS,
      set("user_bias", "F16", Uint16Array.of(0x3c00, 0x7e00)),
      "user_bias must be a finite number at [1], got NaN",
    ],
    [
      "a matrix in one dimension",
      TEXTS,
      set("user_factors", "F32", f32(1, 2, 3, 4)),
      "user_factors must have 2 dimensions, got 1",
    ],
    [
      "a matrix of brain floats",
      TEXTS,
      (all) => void all.set("user_factors", { dtype: "BF16", shape: [1, 2], bytes: new Uint8Array(4) }),
      "user_factors must be F32 or F16 or F64, got BF16",
    ],
    [
      "a matrix with a NaN",
      TEXTS,
      (all) => void all.set("user_factors", { ...rawVector("F32", f32(1, 2, 3, Number.NaN)), shape: [2, 2] }),
      "user_factors must be a number in [-1000000000000000, 1000000000000000] at [1, 1], got NaN",
    ],
    [
      "a matrix beyond 1e15",
      TEXTS,
      (all) => void all.set("user_factors", { ...rawVector("F32", f32(1, 2, -2e15, 1)), shape: [2, 2] }),
      "at [1, 0], got -1999999973982208",
    ],
    [
      "a matrix of rows without bytes",
      TEXTS,
      (all) => void all.set("user_factors", { dtype: "F32", shape: [2 ** 50, 0], bytes: new Uint8Array(0) }),
      "got 1125899906842624 × 0",
    ],
    [
      "a matrix of columns without bytes",
      TEXTS,
      (all) => void all.set("user_factors", { dtype: "F32", shape: [0, 2 ** 31], bytes: new Uint8Array(0) }),
      "got 0 × 2147483648",
    ],
  ])("%s", async (_name, file, change, fault) => {
    expect(await refusal(changed(file, change))).toContain(fault);
  });

  test.each<[string, Change]>([
    ["U32 offsets", set("seen.offsets", "U32", Uint32Array.of(0, 3, 3))],
    ["U64 offsets", set("seen.offsets", "U64", BigUint64Array.of(0n, 3n, 3n))],
    ["I64 items", set("seen.items", "I64", longs(0, 1, 2))],
    ["F64 values", set("seen.values", "F64", Float64Array.of(-1, -0.5, 0))],
    ["F16 values", set("seen.values", "F16", Uint16Array.of(0xbc00, 0xb800, 0))],
    ["U64 counts", set("user_counts", "U64", BigUint64Array.of(3n, 0n))],
    ["F64 ids", set("item_ids", "F64", Float64Array.of(1, 2, 3))],
    ["unknown tensors", set("more", "BF16", Uint16Array.of(1))],
  ])("%s are read like their own kind", async (_name, change) => {
    expect(await readAllOf(changed(TEXTS, change))).toEqual(await readAllOf(TEXTS));
  });
});

test("too many interactions for the package are told, before memory is asked for", async () => {
  const entries = 2 ** 32;
  const u8 = (begin: number, bytes: number) => ({ dtype: "U8", shape: [bytes], data_offsets: [begin, begin + bytes] });
  const { metadata } = takeApart(TEXTS);
  const header = {
    __metadata__: metadata,
    item_ids: { dtype: "I64", shape: [0], data_offsets: [0, 0] },
    "seen.offsets": { dtype: "I64", shape: [1], data_offsets: [0, 8] },
    "seen.items": { dtype: "U32", shape: [entries], data_offsets: [8, 8 + 4 * entries] },
    "seen.values": { dtype: "F32", shape: [entries], data_offsets: [8 + 4 * entries, 8 + 8 * entries] },
    rest: u8(8 + 8 * entries, 1),
  };
  const file = await openModel(hollowBlob(rawFile(header), 9 + 8 * entries));
  await expect(file.seen()).rejects.toThrow(
    "blob is not a valid model file: seen.items must have at most 4294967295 entries, got 4294967296",
  );
});

/** A Blob that begins with a header and claims as many bytes more. */
function hollowBlob(header: Uint8Array<ArrayBuffer>, bufferBytes: number): Blob {
  const blob = new Blob([header]);
  Object.defineProperty(blob, "size", { value: header.length + bufferBytes });
  const real = new Blob([header]);
  blob.slice = (...range) => real.slice(...range);
  return blob;
}
