/** Model files made wrong at random: in their bytes, in their header, in their numbers. */
import { RandomStream } from "../../src/data/random.js";
import { putTogether, type RawTensor, rawFile, takeApart } from "../storage/raw-file.js";

const DTYPES = ["F64", "F32", "F16", "BF16", "I64", "U64", "I32", "U32", "I8", "U8", "BOOL", "F4", "X", "", null, 3];
const LENGTHS = [0, 1, 2, 3, 5, 8, 4096, 2 ** 31, 2 ** 32, 2 ** 53, -1, 0.5, 1e300, "4", null, []];
const OPTION_VALUES = [
  0,
  1,
  -1,
  0.5,
  7,
  4096,
  4097,
  1e308,
  true,
  false,
  "auto",
  "sgd",
  "",
  "x",
  null,
  [],
  {},
  "Infinity",
];
const PARAMETERS = [
  0,
  1,
  -1,
  1e-45,
  1e15,
  -1e15,
  1.1e15,
  1e39,
  1e308,
  "Infinity",
  "-Infinity",
  "-0",
  "NaN",
  null,
  true,
];
const FLOATS = [0, -0, 1, -1, 1e15, -1e15, 1.1e15, 1e-45, 1e-20, 1e-8, 3e38, -3e38, Infinity, -Infinity, Number.NaN];
const WHOLES = [
  0n,
  1n,
  2n,
  3n,
  60n,
  -1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 32n - 1n,
  2n ** 53n,
  -(2n ** 63n),
  2n ** 63n - 1n,
];
const METADATA = [
  "",
  "{}",
  "[]",
  "null",
  "2",
  "999",
  "lowrank",
  "GlobalMean",
  "BiasModel",
  "MatrixFactorization",
  "AutoRec",
  "constructor",
];

export class Mutations {
  readonly #random: RandomStream;
  readonly #files: readonly Uint8Array[];

  constructor(files: readonly Uint8Array[], seed: number) {
    this.#files = files;
    this.#random = new RandomStream(seed, 98);
  }

  *take(count: number): Generator<Uint8Array> {
    for (let at = 0; at < count; at++) {
      const file = this.#oneOf(this.#files);
      const kind = this.#below(4);
      if (kind === 0) yield this.#changeBytes(file.slice());
      else if (kind === 1) yield this.#changeHeader(file);
      else yield this.#changeContents(file);
    }
  }

  #below(bound: number): number {
    return bound > 0 ? this.#random.nextBelow(bound) : 0;
  }

  #oneOf<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }

  #changeBytes(file: Uint8Array): Uint8Array {
    const at = this.#below(file.length);
    const length = 1 + this.#below(24);
    switch (this.#below(6)) {
      case 0:
        file[at]! ^= 1 << this.#below(8);
        return file;
      case 1:
        for (let byte = at; byte < Math.min(at + length, file.length); byte++) file[byte] = this.#below(256);
        return file;
      case 2:
        return file.subarray(0, at);
      case 3:
        return Uint8Array.of(...file.subarray(0, at), ...file.subarray(at + length));
      case 4: {
        const from = this.#below(file.length);
        return Uint8Array.of(...file.subarray(0, at), ...file.subarray(from, from + length), ...file.subarray(at));
      }
      default: {
        const other = this.#below(file.length);
        const span = file.slice(at, at + length);
        file.copyWithin(at, other, Math.min(other + length, file.length));
        file.set(span.subarray(0, file.length - other), other);
        return file;
      }
    }
  }

  /** One field of the header's JSON; the buffer stays as it is. */
  #changeHeader(file: Uint8Array): Uint8Array {
    const begin = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, begin)));
    const names = Object.keys(header);
    const name = this.#oneOf(names);
    if (name === "__metadata__") this.#changeMetadata(header[name]);
    else {
      const tensor = header[name];
      const kind = this.#below(6);
      if (kind === 0) tensor.dtype = this.#oneOf(DTYPES);
      else if (kind === 1) tensor.shape[this.#below(tensor.shape.length)] = this.#oneOf(LENGTHS);
      else if (kind === 2) tensor.shape = this.#oneOf([[], [1], [...tensor.shape, 1], [0, ...tensor.shape], null, "x"]);
      else if (kind === 3) tensor.data_offsets[this.#below(2)] = this.#oneOf([...LENGTHS, this.#below(file.length)]);
      else if (kind === 4) header[name] = header[this.#oneOf(names)];
      else {
        delete header[name];
        if (this.#below(2) === 0) header[`${name}s`] = tensor;
      }
    }
    return rawFile(header, file.subarray(begin));
  }

  #changeMetadata(metadata: Record<string, unknown>): void {
    const name = this.#oneOf(Object.keys(metadata));
    if ((name !== "options" && name !== "parameters") || this.#below(4) === 0) {
      metadata[name] = this.#oneOf(METADATA);
      return;
    }
    const entries = readObject(metadata[name]);
    const key = this.#oneOf([...Object.keys(entries), "x"]);
    entries[key] = this.#oneOf<unknown>(name === "options" ? OPTION_VALUES : PARAMETERS);
    if (this.#below(10) === 0) delete entries[key];
    metadata[name] = JSON.stringify(entries);
  }

  /** Tensors and parameters that are well formed, with other numbers in them. */
  #changeContents(file: Uint8Array): Uint8Array {
    const { metadata, tensors } = takeApart(file);
    for (let change = this.#below(4); change >= 0; change--) {
      const [name, tensor] = this.#oneOf([...tensors]);
      const kind = this.#below(8);
      if (kind === 0) this.#changeMetadata(metadata);
      else if (kind === 1) tensors.set(name, this.#resized(tensor));
      else this.#changeNumbers(tensor);
    }
    return putTogether(metadata, tensors);
  }

  /** With more or fewer rows, all of the bytes there. */
  #resized({ dtype, shape, bytes }: RawTensor): RawTensor {
    const [rows = 0, ...rest] = shape;
    const rowBytes = rows > 0 ? bytes.length / rows : 0;
    const newRows = Math.max(0, rows + this.#oneOf([-1, 1, -rows]));
    const resized = new Uint8Array(newRows * rowBytes);
    resized.set(bytes.subarray(0, resized.length));
    return { dtype, shape: [newRows, ...rest], bytes: resized };
  }

  /** Some numbers of a tensor, or all of them. */
  #changeNumbers({ dtype, bytes }: RawTensor): void {
    const size = { F64: 8, I64: 8, F32: 4, U32: 4, F16: 2 }[dtype] ?? 1;
    const length = bytes.length / size;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const [float, whole] = [this.#oneOf(FLOATS), this.#oneOf(WHOLES)];
    const all = this.#below(4) === 0;
    for (let number = all ? length : Math.min(length, 1 + this.#below(3)); number > 0; number--) {
      const at = size * (all ? number - 1 : this.#below(length));
      if (dtype === "F32") view.setFloat32(at, float, true);
      else if (dtype === "F64") view.setFloat64(at, float, true);
      else if (dtype === "I64") view.setBigInt64(at, whole, true);
      else if (dtype === "U32") view.setUint32(at, Number(BigInt.asUintN(32, whole)), true);
      else if (dtype === "F16") view.setUint16(at, this.#below(65536), true);
      else view.setUint8(at, this.#below(256));
    }
  }
}

/** An object's JSON, or an empty one where an earlier change left something else. */
function readObject(text: unknown): Record<string, unknown> {
  const value: unknown = typeof text === "string" && text.startsWith("{") ? JSON.parse(text) : undefined;
  return (value ?? {}) as Record<string, unknown>;
}
