import { describe, expect, test } from "vitest";
import { type Id, IdIndex } from "../../src/data/id-index.js";
import { type EncodeOptions, encodeModel, type ModelParts } from "../../src/storage/encode-model.js";
import { openModel } from "../../src/storage/model-file.js";
import { modelFileBytes } from "../../src/storage/model-sink.js";
import { exampleMatrix, exampleParts, readAllOf, SMALL } from "./model-parts.js";
import { takeApart } from "./raw-file.js";

const bytesOf = (parts: ModelParts, options?: EncodeOptions) => modelFileBytes(encodeModel(parts, options));

/** The small model with some of its parts changed. */
const smallWith = (changes: Partial<ModelParts>): ModelParts => ({ ...exampleParts(SMALL), ...changes });

const numbered = (length: number): Id[] => Array.from({ length }, (_, at) => at + 1);
const named = (length: number): Id[] => Array.from({ length }, (_, at) => `item ${at}`);

describe("everything comes back, with the padding zero", () => {
  test.each([
    [0, 0, 0],
    [0, 1, 4],
    [1, 0, 3],
    [1, 1, 1],
    [2, 3, 5],
    [7, 13, 4],
    [101, 211, 17],
    [4099, 3, 67], // a matrix of more than one block
  ])("%i users, %i items, %i factors", async (numUsers, numItems, factors) => {
    const parts = exampleParts({ users: numbered(numUsers), items: named(numItems), factors });
    const read = await readAllOf(bytesOf(parts));
    expect(read.model).toBe("MatrixFactorization");
    expect(read.lowrankVersion).toBe("1.2.3");
    expect(read.options).toEqual(parts.options);
    expect(read.parameters).toStrictEqual(parts.parameters);
    expect([[...read.users], [...read.items]]).toEqual([numbered(numUsers), named(numItems)]);
    expect(read.seen).toEqual(parts.seen);
    expect(read.counts).toEqual(parts.counts);
    const stride = Math.ceil(factors / 4) * 4;
    for (const [name, rows] of Object.entries({ user_factors: numUsers, item_factors: numItems })) {
      const values = [...exampleMatrix(rows, factors, stride, 0).values];
      expect(read.matrices[name]).toEqual({ rows, columns: factors, values });
    }
    const userBias = Array.from({ length: numUsers }, (_, user) => Math.fround(user / 7));
    const itemBias = Array.from({ length: numItems }, (_, item) => Math.fround(-item / 7));
    expect(read.vectors).toEqual({ user_bias: userBias, item_bias: itemBias });
  });

  test("by float16 as well, where halfs hold the values", async () => {
    for (const factors of [0, 1, 4, 67]) {
      const parts = exampleParts({ users: numbered(4099), items: named(13), factors });
      const whole = await readAllOf(bytesOf(parts));
      const halved = bytesOf(parts, { float16: true });
      expect(takeApart(halved).tensors.get("item_factors")!.bytes.length).toBe(13 * factors * 2);
      expect(takeApart(halved).tensors.get("item_bias")!.dtype).toBe("F32");
      expect(await readAllOf(halved)).toEqual(whole);
    }
  });
});

test("the tensors of a file are those that are told of", () => {
  const { metadata, tensors } = takeApart(bytesOf(exampleParts({ users: [1, 2], items: ["a", "é"], factors: 3 })));
  expect(metadata).toEqual({
    format: "lowrank",
    format_version: "1",
    lowrank_version: "1.2.3",
    model: "MatrixFactorization",
    options: '{"factors":3,"learningRate":0.05,"optimizer":"adagrad","clip":true,"seed":9007199254740991}',
    parameters:
      '{"offset":3.5299998,"lowest":"-Infinity","highest":"Infinity","zero":"-0","tiny":5e-324,"third":0.3333333333333333}',
  });
  expect([...tensors].map(([name, { dtype, shape }]) => `${name} ${dtype} [${shape}]`)).toEqual([
    "user_ids I64 [2]",
    "item_ids.offsets I64 [3]",
    "seen.offsets I64 [3]",
    "seen.items U32 [2]",
    "seen.values F32 [2]",
    "user_counts U32 [2]",
    "item_counts U32 [2]",
    "user_factors F32 [2,3]",
    "item_factors F32 [2,3]",
    "user_bias F32 [2]",
    "item_bias F32 [2]",
    "item_ids.utf8 U8 [3]",
  ]);
  expect([...tensors.get("item_ids.utf8")!.bytes]).toEqual([0x61, 0xc3, 0xa9]);
  expect([...new BigInt64Array(tensors.get("item_ids.offsets")!.bytes.buffer as ArrayBuffer)]).toEqual([0n, 1n, 3n]);
});

describe("ids", () => {
  const most = 2 ** 53 - 1;
  const long = "🎬é".repeat(400_000); // longer than a block
  test.each<[string, Id[], string[]]>([
    [
      "whole numbers",
      [0, -1, 1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 32 - 1, -(2 ** 33) - 5, most, -most],
      ["user_ids I64 [10]"],
    ],
    [
      "whole numbers of many blocks",
      Array.from({ length: 300_007 }, (_, at) => at * 30_000_000_019 - 7),
      ["user_ids I64 [300007]"],
    ],
    ["other numbers", [1, 0.1, -5e-324, 1.7976931348623157e308, 2 ** 53, 1 / 3], ["user_ids F64 [6]"]],
    [
      "strings",
      ["a", "1", "é", "\u0000", "\ufeffb", "🎬", "__proto__", " "],
      ["user_ids.offsets I64 [9]", "user_ids.utf8 U8 [23]"],
    ],
    ["long strings", ["x", long, "y", `${long}z`], ["user_ids.offsets I64 [5]", "user_ids.utf8 U8 [4800003]"]],
    [
      "strings of many blocks",
      Array.from({ length: 200_003 }, (_, at) => `user ${at}`),
      ["user_ids.offsets I64 [200004]", "user_ids.utf8 U8 [2088923]"],
    ],
    [
      "both",
      ["1", 1, "-0", 0, "1e21", 1e21, 0.1, -5e-324, most],
      ["user_ids.offsets I64 [10]", "user_ids.utf8 U8 [40]", "user_ids.is_number U8 [9]"],
    ],
    ["none", [], ["user_ids I64 [0]"]],
  ])("%s", async (_name, ids, tensors) => {
    const users = IdIndex.from(ids);
    const parts = smallWith({ users, seen: undefined, counts: undefined, matrices: {}, vectors: {} });
    const bytes = bytesOf(parts);
    const written = [...takeApart(bytes).tensors].filter(([name]) => name.startsWith("user"));
    expect(written.map(([name, { dtype, shape }]) => `${name} ${dtype} [${shape}]`)).toEqual(tensors);
    const read = await readAllOf(bytes);
    expect(read.users.toArray()).toEqual(ids);
    expect(ids.slice(0, 100).map((id) => read.users.indexOf(id))).toEqual(ids.slice(0, 100).map((_, at) => at));
  });

  test.each(["\ud800", "a\udc00b", "\ud83c", "\udfac\ud83c"])("half a surrogate pair is an error: %j", (id) => {
    expect(() => encodeModel(smallWith({ users: IdIndex.from(["a", "b", "c", "🎬", id]) }))).toThrow(
      new RangeError(`user id must have no half of a surrogate pair to be saved, got ${JSON.stringify(id)}`),
    );
  });
});

test("parameters keep every bit, and any name", async () => {
  const numbers = [0, -0, 5e-324, -1.7976931348623157e308, 2 ** 53 + 2, 0.1 + 0.2, Infinity, -Infinity, 1e-7, 1 / 3];
  const names = numbers.map((_, at) => (at === 0 ? "__proto__" : at === 1 ? "constructor" : `p${at}`));
  const parameters = Object.fromEntries(names.map((name, at) => [name, numbers[at]!]));
  const read = await readAllOf(bytesOf(smallWith({ parameters })));
  expect(Object.keys(read.parameters)).toEqual(names);
  expect(Object.values(read.parameters).map((number, at) => Object.is(number, numbers[at]))).toEqual(
    names.map(() => true),
  );
});

test("options keep their types; those that are undefined are left out", async () => {
  const options = { a: 0.1, b: "Infinity", c: false, d: -5, e: "", f: undefined };
  const read = await readAllOf(bytesOf(smallWith({ options })));
  expect(read.options).toStrictEqual({ a: 0.1, b: "Infinity", c: false, d: -5, e: "" });
});

test("a file for serving has no users", async () => {
  const { tensors, metadata } = encodeModel(exampleParts(SMALL));
  const serving = tensors.filter(({ name }) => !name.startsWith("user") && !name.startsWith("seen"));
  const read = await readAllOf(modelFileBytes({ metadata, tensors: serving }));
  expect([read.users.size, read.users.indexOf("a")]).toEqual([0, -1]);
  expect(read.seen).toBe(undefined);
  expect(read.counts).toEqual({ users: new Uint32Array(0), items: exampleParts(SMALL).counts!.items });
  expect(read.items.toArray()).toEqual(SMALL.items);
  expect(Object.keys(read.matrices)).toEqual(["item_factors"]);
});

test("parts that are not there are not there", async () => {
  const parts = smallWith({ seen: undefined, counts: undefined, matrices: {}, vectors: {} });
  const file = await openModel(bytesOf(parts));
  expect(await file.seen()).toBe(undefined);
  expect(await file.counts()).toBe(undefined);
  expect([file.has("user_factors"), file.has("item_ids"), file.has("toString")]).toEqual([false, true, false]);
  expect([file.numUsers, file.numItems]).toEqual([5, 3]);
});

describe("matrices", () => {
  const read = async (bytes: Uint8Array, stride: number, into: Float32Array = new Float32Array(3 * stride).fill(9)) => {
    const file = await openModel(bytes);
    await file.readMatrix("item_factors", { rows: 3, columns: 3, stride }, into);
    return into;
  };

  test("go into shared memory, at any stride", async () => {
    const bytes = bytesOf(smallWith({ matrices: { item_factors: exampleMatrix(3, 3, 3) } }));
    for (const stride of [3, 4, 8]) {
      const shared = new Float32Array(new SharedArrayBuffer((3 * stride + 2) * 4)).fill(9);
      await read(bytes, stride, shared.subarray(1, -1));
      expect([...shared]).toEqual([9, ...exampleMatrix(3, 3, stride, 0).values, 9]);
    }
  });

  test("of f64 are rounded", async () => {
    const { metadata, tensors } = encodeModel(exampleParts(SMALL));
    const doubles = Float64Array.of(0.1, -1 / 3, 1e15, 1e-300, 5, 6, 7, 8, 9);
    const chunks = () => [new Uint8Array(doubles.buffer)];
    const wide = [
      ...tensors.filter(({ name }) => name !== "item_factors"),
      { name: "item_factors", dtype: "F64" as const, shape: [3, 3], chunks },
    ];
    const into = await read(modelFileBytes({ metadata, tensors: wide }), 4);
    const [a, b, c] = [Math.fround(0.1), Math.fround(-1 / 3), Math.fround(1e15)];
    expect([...into]).toEqual([a, b, c, 0, 0, 5, 6, 0, 7, 8, 9, 0]);
  });

  test("by float16 are rounded to three digits", async () => {
    const matrix = {
      rows: 3,
      columns: 3,
      stride: 3,
      values: Float32Array.of(0.1, 65504, -65504, 1e-9, 3, 4, 5, 6, 2049),
    };
    const into = await read(bytesOf(smallWith({ matrices: { item_factors: matrix } }), { float16: true }), 3);
    expect([...into]).toEqual([0.0999755859375, 65504, -65504, 0, 3, 4, 5, 6, 2048]);
  });

  test("of another size than the memory are the caller's error", async () => {
    const file = await openModel(bytesOf(exampleParts(SMALL)));
    const into = new Float32Array(12);
    await expect(file.readMatrix("item_factors", { rows: 3, columns: 3, stride: 2 }, into)).rejects.toThrow(
      new RangeError("stride must be a whole number ≥ 3 (columns), got 2"),
    );
    await expect(file.readMatrix("item_factors", { rows: 4, columns: 3, stride: 4 }, into)).rejects.toThrow(
      new RangeError("into must have length 16 (rows × stride), got 12"),
    );
    await expect(file.readMatrix("item_factors", { rows: 4, columns: 3, stride: 3 }, into)).rejects.toThrow(
      new Error("bytes is not a valid model file: item_factors must be 4 × 3, got 3 × 3"),
    );
  });
});
