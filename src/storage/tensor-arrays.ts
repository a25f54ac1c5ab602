/** Typed arrays ↔ tensors: the element types one at a time, whole numbers wider than 32 bits as numbers. */
import { describeValue } from "../data/options.js";
import type { TensorReader } from "./model-source.js";
import type { TensorSource } from "./safetensors.js";
import type { TensorInfo } from "./safetensors-header.js";

/** What is converted, written or read at a time. */
export const BLOCK_BYTES = 2 ** 20;

const INT64_BYTES = 8;
const UINT32_RANGE = 2 ** 32;

/** The bytes of a typed array, where they are. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A typed array's bytes in pieces, not copied. */
export function* piecesOf(array: ArrayBufferView): Generator<Uint8Array, void, void> {
  const bytes = bytesOf(array);
  for (let begin = 0; begin < bytes.length; begin += BLOCK_BYTES) yield bytes.subarray(begin, begin + BLOCK_BYTES);
}

/** A tensor of one dimension with the elements of an array, which must stay as it is until they are written. */
export function vectorTensor(name: string, dtype: "F32" | "F64" | "U32" | "U8", array: ArrayBufferView): TensorSource {
  const bytesPerElement = { F64: 8, F32: 4, U32: 4, U8: 1 }[dtype];
  return { name, dtype, shape: [array.byteLength / bytesPerElement], chunks: () => piecesOf(array) };
}

/** An I64 tensor of one dimension; `numberAt(i)` is a safe integer. */
export function int64Tensor(name: string, length: number, numberAt: (index: number) => number): TensorSource {
  return { name, dtype: "I64", shape: [length], chunks: () => int64Chunks(length, numberAt) };
}

function* int64Chunks(length: number, numberAt: (index: number) => number): Generator<Uint8Array, void, void> {
  const block = new Uint32Array(Math.min(BLOCK_BYTES / 4, 2 * length));
  for (let index = 0; index < length; ) {
    let end = 0;
    for (; end < block.length && index < length; index++) {
      const number = numberAt(index);
      block[end++] = number; // the low word: a typed array takes numbers modulo 2^32
      block[end++] = Math.floor(number / UINT32_RANGE); // two's complement too, as it rounds down
    }
    yield bytesOf(block.subarray(0, end));
  }
}

/**
 * A tensor's entry in the header, checked to be of one of some types and of so many dimensions.
 * @throws {Error} that refuses the file.
 */
export function checkedTensor(reader: TensorReader, name: string, dtypes: readonly string[], rank: number): TensorInfo {
  const info = reader.tensor(name);
  if (!dtypes.includes(info.dtype)) throw reader.invalid(`${name} must be ${dtypes.join(" or ")}, got ${info.dtype}`);
  if (info.shape.length !== rank) {
    const dimensions = `${rank} dimension${rank === 1 ? "" : "s"}`;
    throw reader.invalid(`${name} must have ${dimensions}, got ${info.shape.length}`);
  }
  return info;
}

/** As `checkedTensor` of one dimension, of this length if one is given; the length. */
export function checkedLength(reader: TensorReader, name: string, dtypes: readonly string[], length?: number): number {
  const { shape } = checkedTensor(reader, name, dtypes, 1);
  if (length !== undefined && shape[0] !== length) {
    throw reader.invalid(`${name} must have length ${length}, got ${shape[0]}`);
  }
  return shape[0]!;
}

/** Memory for what the file holds. @throws {Error} that names the tensor if it cannot be had. */
export function allocate(reader: TensorReader, name: string, numBytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(numBytes);
  } catch (cause) {
    throw new Error(`${reader.name}: ${name} needs ${numBytes} bytes of memory, which are not to be had`, { cause });
  }
}

/** A tensor's bytes, in memory of its own. */
export async function readBytes(reader: TensorReader, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const { begin, end } = reader.tensor(name);
  const bytes = new Uint8Array(allocate(reader, name, end - begin));
  await reader.readInto(name, bytes);
  return bytes;
}

/** The types whole numbers may have in a file: this package's own, and what other writers make of them. */
export const WHOLE_TYPES = ["U32", "I64", "U64"] as const;

/**
 * A tensor of one dimension of whole numbers in [0, maximum] of 32 or 64 bits.
 * @param maximum below 2^32.
 * @throws {Error} that refuses the file.
 */
export async function readUint32(
  reader: TensorReader,
  name: string,
  maximum: number,
  length?: number,
): Promise<Uint32Array> {
  const numElements = checkedLength(reader, name, WHOLE_TYPES, length);
  const numbers = new Uint32Array(allocate(reader, name, 4 * numElements));
  const check = (number: number, index: number): void => {
    if (number >= 0 && number <= maximum) return;
    throw reader.invalid(`${name}[${index}] must be a whole number in [0, ${maximum}], got ${describeValue(number)}`);
  };
  if (reader.tensor(name).dtype === "U32") {
    await reader.readInto(name, bytesOf(numbers));
    for (let index = 0; index < numElements; index++) check(numbers[index]!, index);
  } else {
    await readInt64s(reader, name, (number, index) => {
      check(number, index);
      numbers[index] = number;
    });
  }
  return numbers;
}

/**
 * The offsets of rows within `total` elements: u32[rows + 1] that begin with 0, never fall, and end with `total`.
 * @param total below 2^32.
 * @throws {Error} that refuses the file.
 */
export async function readOffsets(
  reader: TensorReader,
  name: string,
  total: number,
  length?: number,
): Promise<Uint32Array> {
  const offsets = await readUint32(reader, name, total, length);
  const first = offsets[0];
  const last = offsets.at(-1);
  if (first !== 0 || last !== total) {
    throw reader.invalid(`${name} must begin with 0 and end with ${total}, got ${first} and ${last}`);
  }
  for (let row = 0; row + 1 < offsets.length; row++) {
    if (offsets[row + 1]! >= offsets[row]!) continue;
    throw reader.invalid(`${name} must never fall, got ${offsets[row]} and then ${offsets[row + 1]} at ${row}`);
  }
  return offsets;
}

/** Hands over the elements of an I64 or U64 tensor in order, as numbers: rounded beyond ±2^53. */
export async function readInt64s(
  reader: TensorReader,
  name: string,
  take: (number: number, index: number) => void,
): Promise<void> {
  const { dtype, begin, end } = reader.tensor(name);
  const length = (end - begin) / INT64_BYTES;
  const perBlock = Math.min(BLOCK_BYTES / INT64_BYTES, length);
  const block = new Uint32Array(2 * perBlock);
  for (let first = 0; first < length; first += perBlock) {
    const words = block.subarray(0, 2 * (length - first)); // of the last block, only what there is
    await reader.readInto(name, bytesOf(words), first * INT64_BYTES);
    for (let word = 0; word < words.length; word += 2) {
      const high = dtype === "I64" ? words[word + 1]! | 0 : words[word + 1]!;
      take(high * UINT32_RANGE + words[word]!, first + word / 2);
    }
  }
}
