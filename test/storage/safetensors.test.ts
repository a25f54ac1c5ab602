import { describe, expect, test } from "vitest";
import { encode, type TensorSource, type TensorType } from "../../src/storage/safetensors.js";
import { parseHeader, parseHeaderLength } from "../../src/storage/safetensors-header.js";
import { rawBytes, rawFile } from "./raw-file.js";

function tensor(name: string, dtype: TensorType, shape: number[], ...chunks: number[][]): TensorSource {
  return { name, dtype, shape, chunks: () => chunks.map((bytes) => Uint8Array.from(bytes)) };
}

function bytesOf(tensors: TensorSource[], metadata: Record<string, string> = {}): Uint8Array {
  const encoded = encode({ metadata, tensors });
  const bytes = Uint8Array.from([...encoded.chunks()].flatMap((chunk) => [...chunk]));
  expect(encoded.totalBytes).toBe(bytes.length);
  return bytes;
}

function parse(file: Uint8Array) {
  const length = parseHeaderLength(file.subarray(0, 8), file.length, "f");
  return parseHeader(file.slice(8, 8 + length), file.length - 8 - length, "f");
}

describe("encode", () => {
  test("writes the bytes of the format's own example, and the metadata first", () => {
    const header = '{"__metadata__":{"a":"é"},"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}';
    const length = new TextEncoder().encode(header).length;
    const padding = (8 - (length % 8)) % 8;
    const expected = rawFile(header + " ".repeat(padding), Uint8Array.of(1, 2));
    expect(padding).toBeGreaterThan(0);
    expect(bytesOf([tensor("t", "U8", [2], [1], [2])], { a: "é" })).toEqual(expected);
  });

  test("an empty file is its metadata alone", () => {
    expect(bytesOf([])).toEqual(rawFile('{"__metadata__":{}}     '));
  });

  test("puts larger elements first and keeps the order among equals, so that all are aligned", () => {
    const sources = [
      tensor("a", "U8", [3], [1, 2, 3]),
      tensor("b", "F32", [1], [4, 4, 4, 4]),
      tensor("c", "F16", [1], [5, 5]),
      tensor("d", "I64", [1], [6, 6, 6, 6, 6, 6, 6, 6]),
      tensor("e", "U32", [1], [7, 7, 7, 7]),
      tensor("f", "F64", [], [8, 8, 8, 8, 8, 8, 8, 8]),
      tensor("g", "U8", [0]),
    ];
    const file = bytesOf(sources);
    const { tensors } = parse(file);
    expect([...tensors].map(([name, { begin, end }]) => [name, begin, end])).toEqual([
      ["d", 0, 8],
      ["f", 8, 16],
      ["b", 16, 20],
      ["e", 20, 24],
      ["c", 24, 26],
      ["a", 26, 29],
      ["g", 29, 29],
    ]);
    expect(file.length % 8).toBe(29 % 8);
    expect([...file.subarray(file.length - 13)]).toEqual([4, 4, 4, 4, 7, 7, 7, 7, 5, 5, 1, 2, 3]);
  });

  test("names of object properties are names like any other", () => {
    const names = ["__proto__", "constructor", "toString", "1", "", "a\u0000b", "🎬"];
    const { tensors } = parse(bytesOf(names.map((name, at) => tensor(name, "U8", [1], [at]))));
    const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin);
    expect(inOrder.map(([name]) => name)).toEqual(names);
    expect(({} as Record<string, unknown>).dtype).toBe(undefined);
  });

  test.each([["t"], ["__metadata__"]])("refuses the name %s a second time", (name) => {
    const twice = name === "t" ? [tensor("t", "U8", [0]), tensor("t", "F32", [0])] : [tensor(name, "U8", [0])];
    expect(() => encode({ metadata: {}, tensors: twice })).toThrow(
      new RangeError(`tensor names must be distinct, got "${name}" again`),
    );
  });

  test("refuses a header that no reader takes", () => {
    const metadata = { a: "x".repeat(100_000_000) };
    expect(() => encode({ metadata, tensors: [] })).toThrow(
      "the header must be at most 100000000 bytes long, got 1000000",
    );
  });

  test("leaves out chunks of no bytes", () => {
    const { chunks } = encode({ metadata: {}, tensors: [tensor("t", "U8", [2], [], [1], [], [2], [])] });
    expect([...chunks()].slice(1).map((chunk) => [...chunk])).toEqual([[1], [2]]);
  });

  test.each([
    [[[1, 2]], "1 bytes too few"],
    [
      [
        [1, 2],
        [3, 4],
      ],
      "1 bytes too many",
    ],
    [[], "3 bytes too few"],
  ])("tells a tensor whose bytes are not those of its shape: %j", (chunks, amount) => {
    const { header, chunks: write } = encode({ metadata: {}, tensors: [tensor("t", "U8", [3], ...chunks)] });
    let bytes = -header.length;
    const writeAll = () => {
      for (const chunk of write()) bytes += chunk.length;
    };
    expect(writeAll).toThrow(`tensor "t" must give the bytes of its shape, got ${amount}`);
    expect(bytes).toBeLessThanOrEqual(3);
  });
});

const entry = (dtype: unknown, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets });

describe("parseHeader reads", () => {
  test.each([
    ["F4", 4, 2],
    ["F6_E2M3", 4, 3],
    ["F6_E3M2", 8, 6],
    ["BOOL", 3, 3],
    ["U8", 3, 3],
    ["I8", 3, 3],
    ["F8_E5M2", 3, 3],
    ["F8_E4M3", 3, 3],
    ["F8_E8M0", 3, 3],
    ["F8_E4M3FNUZ", 3, 3],
    ["F8_E5M2FNUZ", 3, 3],
    ["I16", 3, 6],
    ["U16", 3, 6],
    ["F16", 3, 6],
    ["BF16", 3, 6],
    ["I32", 3, 12],
    ["U32", 3, 12],
    ["F32", 3, 12],
    ["C64", 3, 24],
    ["F64", 3, 24],
    ["I64", 3, 24],
    ["U64", 3, 24],
  ])("%s [%i] in %i bytes, and refuses one byte less", (dtype, length, bytes) => {
    const info = parse(rawFile({ t: entry(dtype, [length], [0, bytes]) }, bytes)).tensors.get("t");
    expect(info).toEqual({ dtype, shape: [length], begin: 0, end: bytes });
    expect(() => parse(rawFile({ t: entry(dtype, [length], [0, bytes - 1]) }, bytes - 1))).toThrow(
      `f is not a valid model file: tensor "t": its length in bytes must be ${bytes} by dtype and shape, got ${bytes - 1}`,
    );
  });

  test("scalars, empty tensors, huge empty ones, spaces, unknown keys, and no metadata", () => {
    const header = {
      scalar: entry("F64", [], [0, 8]),
      none: entry("F32", [5, 0], [8, 8]),
      huge: { ...entry("U8", [2 ** 50, 0], [0, 0]), more: [{ a: 1 }] },
    };
    const { metadata, tensors } = parse(rawFile(`${JSON.stringify(header)} \n `, 8));
    expect(metadata.size).toBe(0);
    expect([...tensors.keys()]).toEqual(["scalar", "none", "huge"]);
    expect(tensors.get("huge")).toEqual({ dtype: "U8", shape: [2 ** 50, 0], begin: 0, end: 0 });
    expect(parse(rawFile("{}")).tensors.size).toBe(0);
  });

  test("offsets beyond 2^32, up to 2^53", () => {
    const end = 2 ** 53 - 1;
    const header = { a: entry("U8", [2 ** 33], [0, 2 ** 33]), b: entry("U8", [end - 2 ** 33], [2 ** 33, end]) };
    const json = new TextEncoder().encode(JSON.stringify(header));
    expect(parseHeader(json, end, "f").tensors.get("b")).toMatchObject({ begin: 2 ** 33, end });
  });

  test("text that looks like keys", () => {
    const metadata = { a: '","a":"', b: "\\", c: '{"a":1}', "": '"a"' };
    expect([...parse(rawFile({ __metadata__: metadata })).metadata]).toEqual(Object.entries(metadata));
  });

  test("metadata under names of object properties", () => {
    const { metadata } = parse(rawFile('{"__metadata__":{"__proto__":"x","a\\u0022":"y"}}'));
    expect([...metadata]).toEqual([
      ["__proto__", "x"],
      ['a"', "y"],
    ]);
  });
});

describe("parseHeader refuses", () => {
  const u8 = (shape: unknown, offsets: unknown) => rawFile({ t: entry("U8", shape, offsets) }, 4);
  const lengthOnly = (low: number, high: number) => {
    const file = rawFile("{}");
    new DataView(file.buffer).setUint32(0, low, true);
    new DataView(file.buffer).setUint32(4, high, true);
    return file;
  };
  test.each<[string, () => Uint8Array, string]>([
    ["no bytes", () => new Uint8Array(0), "it is 0 bytes long, shorter than the 8 that every file begins with"],
    ["7 bytes", () => new Uint8Array(7), "it is 7 bytes long"],
    ["a header of no bytes", () => rawFile(""), "its header does not begin with {"],
    ["a header beyond the file", () => lengthOnly(3, 0), "it is 10 bytes long, its header alone would be 11"],
    ["a header over 100 MB", () => lengthOnly(100_000_001, 0), "its header would be 100000001 bytes long, more than"],
    ["a header over 2^63", () => lengthOnly(2, 2 ** 31), "its header would be 9223372036854776000 bytes long"],
    ["text", () => new TextEncoder().encode("userId,itemId"), "allowed: this is no safetensors file"],
    ["UTF-8 cut off", () => rawBytes(Uint8Array.of(0x7b, 0xc3)), "its header is not valid UTF-8"],
    ["UTF-8 too long", () => rawBytes(Uint8Array.of(0x7b, 0xc0, 0x80)), "its header is not valid UTF-8"],
    ["a byte order mark", () => rawFile("\ufeff{}"), "its header does not begin with {"],
    ["a space first", () => rawFile(" {}"), "its header does not begin with {"],
    ["an array", () => rawFile("[]"), "its header does not begin with {"],
    ["no JSON", () => rawFile("{a}"), "its header is not valid JSON"],
    ["JSON that ends early", () => rawFile('{"a":"\\'), "its header is not valid JSON"],
    ["a key with a bad escape", () => rawFile('{"\\x":1}'), "its header is not valid JSON"],
    ["zeros after the JSON", () => rawFile("{}\u0000"), "its header is not valid JSON"],
    ["a name twice", () => rawFile('{"a":1, "a" :1}'), 'its header has the key "a" twice'],
    ["a name twice, escaped", () => rawFile('{"a":1,"\\u0061":1}'), 'its header has the key "\\u0061" twice'],
    ["dtype twice", () => rawFile('{"t":{"dtype":"U8","dtype":"U8"}}'), 'its header has the key "dtype" twice'],
    ["metadata twice", () => rawFile('{"__metadata__":{},"__metadata__":{}}'), 'the key "__metadata__" twice'],
    ["great depth", () => rawFile(`{"a":${"[".repeat(1e6)}`), "its header is nested more than 32 levels deep"],
    ["metadata of numbers", () => rawFile({ __metadata__: { a: 1 } }), '__metadata__: "a" must be a string, got 1'],
    ["metadata in a list", () => rawFile({ __metadata__: [] }), "__metadata__ must be an object, got an array of 0"],
    ["metadata null", () => rawFile({ __metadata__: null }), "__metadata__ must be an object, got null"],
    ["an entry that is none", () => rawFile({ t: 5 }), 'tensor "t": its entry must be an object, got 5'],
    ["no dtype", () => rawFile({ t: {} }), 'tensor "t": dtype must be a type of the safetensors format, got undefined'],
    [
      "a dtype unknown",
      () => rawFile({ t: entry("F128", [], []) }),
      'dtype must be a type of the safetensors format, got "F128"',
    ],
    ["a property as dtype", () => rawFile({ t: entry("constructor", [], []) }), "dtype must be a type of the safeten"],
    ["a dtype in a list", () => rawFile({ t: entry(["U8"], [], []) }), "dtype must be a type of the safetensors"],
    ["no shape", () => u8(undefined, [0, 4]), "shape must be an array, got undefined"],
    ["a shape that is a number", () => u8(4, [0, 4]), "shape must be an array, got 4"],
    ["a length below 0", () => u8([-2, -2], [0, 4]), "a length of its shape must be a whole number ≥ 0, got -2"],
    ["a length of a half", () => u8([0.5, 8], [0, 4]), "a length of its shape must be a whole number ≥ 0, got 0.5"],
    ["a length as text", () => u8(["4"], [0, 4]), 'a length of its shape must be a whole number ≥ 0, got "4"'],
    ["a length null", () => u8([null], [0, 4]), "a length of its shape must be a whole number ≥ 0, got null"],
    ["a length of 2^53", () => u8([2 ** 53, 0], [0, 4]), "a length of its shape must be a whole number ≥ 0, got 9007"],
    ["a length of 1e999", () => rawFile('{"t":{"dtype":"U8","shape":[1e999],"data_offsets":[0,0]}}'), "got Infinity"],
    [
      "a product over 2^53",
      () => u8([2 ** 27, 2 ** 27], [0, 4]),
      "the product of its shape must be below 2^53, got 1801",
    ],
    [
      "a product over 2^53 and 0",
      () => u8([2 ** 40, 2 ** 40, 0], [0, 0]),
      "the product of its shape must be below 2^53",
    ],
    ["a product that wraps to 4", () => u8([2 ** 32 + 1, 4], [0, 4]), "its length in bytes must be 17179869188 by"],
    ["no offsets", () => u8([4], undefined), "data_offsets must be two numbers, got undefined"],
    ["three offsets", () => u8([4], [0, 4, 4]), "data_offsets must be two numbers, got an array of 3"],
    ["an offset below 0", () => u8([4], [-4, 0]), "its first offset must be a whole number ≥ 0, got -4"],
    ["an offset as text", () => u8([4], [0, "4"]), 'its second offset must be a whole number ≥ 0, got "4"'],
    ["offsets reversed", () => u8([4], [4, 0]), "its second offset must be a whole number ≥ 4, got 0"],
    [
      "an end beyond the file",
      () => u8([5], [0, 5]),
      "its second offset must be within the 4 bytes of the buffer, got 5",
    ],
    [
      "a million million elements",
      () => u8([1e12], [0, 1e12]),
      "must be within the 4 bytes of the buffer, got 1000000000000",
    ],
    ["more bytes than the shape", () => u8([3], [0, 4]), "its length in bytes must be 3 by dtype and shape, got 4"],
    [
      "half a byte",
      () => rawFile({ t: entry("F4", [3], [0, 1]) }, 1),
      "its length in bytes must be 1.5 by dtype and shape, got 1",
    ],
    ["a hole first", () => u8([2], [2, 4]), 'tensor "t" leaves a hole before it: it begins at byte 2, not 0'],
    ["a hole last", () => u8([2], [0, 2]), "its tensors take 2 bytes, but the file has 4 for them"],
    ["no tensors but a buffer", () => rawFile("{}", 1), "its tensors take 0 bytes, but the file has 1 for them"],
    [
      "a hole between",
      () => rawFile({ a: entry("U8", [1], [0, 1]), b: entry("U8", [1], [2, 3]) }, 3),
      'tensor "b" leaves a hole before it: it begins at byte 2, not 1',
    ],
    [
      "an overlap",
      () => rawFile({ b: entry("U8", [2], [1, 3]), a: entry("U8", [2], [0, 2]) }, 3),
      'tensor "b" overlaps the one before it: it begins at byte 1, not 2',
    ],
    [
      "an empty tensor inside another",
      () => rawFile({ a: entry("U8", [2], [0, 2]), b: entry("U8", [0], [1, 1]) }, 2),
      'tensor "b" overlaps the one before it: it begins at byte 1, not 2',
    ],
    [
      "the same bytes twice",
      () => rawFile({ a: entry("U8", [2], [0, 2]), b: entry("U8", [2], [0, 2]) }, 2),
      'tensor "b" overlaps the one before it: it begins at byte 0, not 2',
    ],
  ])("%s", (_name, file, fault) => {
    let message = "";
    try {
      parse(file());
    } catch (error) {
      expect((error as Error).constructor).toBe(Error);
      message = (error as Error).message;
    }
    expect(message.startsWith("f is not a valid model file: ")).toBe(true);
    expect(message).toContain(fault);
  });
});
