/**
 * The ids of one side ↔ tensors. Whole numbers: `user_ids` I64 [m]; other numbers: `user_ids` F64 [m]; strings:
 * `user_ids.utf8` U8, one after the other, and `user_ids.offsets` I64 [m + 1] into them. Numbers among strings are
 * written as decimal text, and `user_ids.is_number` U8 [m] tells them apart. Items likewise.
 */
import { type Id, IdIndex } from "../data/id-index.js";
import { describeValue } from "../data/options.js";
import type { TensorReader } from "./model-source.js";
import type { TensorSource } from "./safetensors.js";
import {
  BLOCK_BYTES,
  checkedLength,
  int64Tensor,
  readBytes,
  readInt64s,
  readOffsets,
  vectorTensor,
  WHOLE_TYPES,
} from "./tensor-arrays.js";

export type Side = "user" | "item";

const MOST_TEXT_BYTES = 2 ** 32 - 1;

/**
 * The ids of one side as tensors.
 * @throws {RangeError} if an id has half a surrogate pair, which UTF-8 cannot hold.
 */
export function idTensors(side: Side, index: IdIndex): TensorSource[] {
  const ids = index.toArray();
  const name = `${side}_ids`;
  if (ids.every(Number.isSafeInteger)) return [int64Tensor(name, ids.length, (at) => ids[at] as number)];
  if (ids.every((id) => typeof id === "number")) return [vectorTensor(name, "F64", Float64Array.from(ids as number[]))];
  const texts = ids.map(String);
  const offsets = new Float64Array(texts.length + 1); // f64, as the sum may be beyond 2^32
  for (let at = 0; at < texts.length; at++) {
    const bytes = utf8Bytes(texts[at]!);
    if (bytes < 0) {
      throw new RangeError(
        `${side} id must have no half of a surrogate pair to be saved, got ${describeValue(ids[at])}`,
      );
    }
    offsets[at + 1] = offsets[at]! + bytes;
  }
  const tensors: TensorSource[] = [
    { name: `${name}.utf8`, dtype: "U8", shape: [offsets.at(-1)!], chunks: () => textChunks(texts, offsets) },
    int64Tensor(`${name}.offsets`, offsets.length, (at) => offsets[at]!),
  ];
  if (ids.every((id) => typeof id === "string")) return tensors;
  const isNumber = Uint8Array.from(ids, (id) => (typeof id === "number" ? 1 : 0));
  return [...tensors, vectorTensor(`${name}.is_number`, "U8", isNumber)];
}

/** How many bytes a text takes in UTF-8, −1 if it has half a surrogate pair. */
function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at)!;
    if (code >= 0xd800 && code <= 0xdfff) return -1;
    if (code > 0xffff) at++; // a pair
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function* textChunks(texts: readonly string[], offsets: Float64Array): Generator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  const block = new Uint8Array(Math.min(BLOCK_BYTES, offsets.at(-1)!));
  let end = 0;
  for (let at = 0; at < texts.length; at++) {
    const bytes = offsets[at + 1]! - offsets[at]!;
    if (end + bytes > block.length) {
      yield block.subarray(0, end);
      end = 0;
    }
    if (bytes > block.length) yield encoder.encode(texts[at]);
    else end += encoder.encodeInto(texts[at]!, block.subarray(end)).written;
  }
  yield block.subarray(0, end);
}

/**
 * How many ids of a side the header tells of; `undefined` if the file has none.
 * @throws {Error} that refuses the file if it has them twice, or the tensors are of a wrong type.
 */
export function countIds(reader: TensorReader, side: Side): number | undefined {
  const name = `${side}_ids`;
  const hasTexts = reader.tensors.has(`${name}.utf8`);
  if (!reader.tensors.has(name)) {
    if (!hasTexts) return undefined;
    const length = checkedLength(reader, `${name}.offsets`, WHOLE_TYPES);
    if (length === 0) throw reader.invalid(`${name}.offsets must have a length ≥ 1, got 0`);
    return length - 1;
  }
  if (hasTexts) throw reader.invalid(`it has both ${name} and ${name}.utf8`);
  return checkedLength(reader, name, ["I64", "F64"]);
}

/**
 * The ids of one side; an empty index if the file has none.
 * @throws {Error} that refuses the file if one is no valid id or is there twice.
 */
export async function readIds(reader: TensorReader, side: Side): Promise<IdIndex> {
  const length = countIds(reader, side);
  if (length === undefined) return IdIndex.from([]);
  const name = `${side}_ids`;
  const ids = await (reader.tensors.has(name) ? readNumbers(reader, name) : readTexts(reader, name, length));
  try {
    return IdIndex.from(ids);
  } catch (error) {
    throw reader.invalid(`${name}: ${(error as Error).message}`);
  }
}

async function readNumbers(reader: TensorReader, name: string): Promise<Id[]> {
  if (reader.tensor(name).dtype === "F64") return Array.from(new Float64Array((await readBytes(reader, name)).buffer));
  const ids: number[] = [];
  await readInt64s(reader, name, (number, index) => {
    if (!Number.isSafeInteger(number)) {
      throw reader.invalid(`${name}[${index}] must be within ±(2^53 − 1), got about ${number}`);
    }
    ids.push(number);
  });
  return ids;
}

async function readTexts(reader: TensorReader, name: string, length: number): Promise<Id[]> {
  const numBytes = checkedLength(reader, `${name}.utf8`, ["U8"]);
  if (numBytes > MOST_TEXT_BYTES) {
    throw reader.invalid(`${name}.utf8 must have at most ${MOST_TEXT_BYTES} bytes, got ${numBytes}`);
  }
  const offsets = await readOffsets(reader, `${name}.offsets`, numBytes);
  const isNumber = reader.tensors.has(`${name}.is_number`) ? await readMarks(reader, name, length) : undefined;
  const bytes = await readBytes(reader, `${name}.utf8`);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }); // a mark is part of the id
  const whole = decode(decoder, bytes);
  // As many letters as bytes: all of them are ASCII, and a place among the bytes is one in the text.
  const ascii = whole?.length === bytes.length ? whole : undefined;
  return Array.from({ length }, (_, at) => {
    const [begin, end] = [offsets[at]!, offsets[at + 1]!];
    const text = ascii?.slice(begin, end) ?? decode(decoder, bytes.subarray(begin, end));
    if (text === undefined) throw reader.invalid(`${name}.utf8: id ${at} is not valid UTF-8`);
    return isNumber?.[at] === 1 ? asNumber(reader, name, at, text) : text;
  });
}

async function readMarks(reader: TensorReader, name: string, length: number): Promise<Uint8Array> {
  checkedLength(reader, `${name}.is_number`, ["U8"], length);
  const marks = await readBytes(reader, `${name}.is_number`);
  const wrong = marks.findIndex((mark) => mark > 1);
  if (wrong >= 0) throw reader.invalid(`${name}.is_number[${wrong}] must be 0 or 1, got ${marks[wrong]}`);
  return marks;
}

function decode(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function asNumber(reader: TensorReader, name: string, at: number, text: string): number {
  const number = Number(text);
  if (String(number) === text) return number;
  throw reader.invalid(`${name}.utf8: id ${at} must be a number as text, got ${describeValue(text)}`);
}
