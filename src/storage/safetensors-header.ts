/** The header of a safetensors file, read and checked: nothing in it is believed that the file's size does not bear out. */
import { describeValue } from "../data/options.js";
import { invalidFile } from "./invalid-file.js";
import { findJsonFault } from "./json-shape.js";
import { ELEMENT_BITS, LENGTH_BYTES, LONGEST_HEADER_BYTES, METADATA_KEY } from "./safetensors.js";

/** Where a tensor is, and of what. */
export interface TensorInfo {
  /** Its type as the format calls it, perhaps one that this package does not write. */
  dtype: string;
  /** The product of the lengths times the element's size is end − begin. */
  shape: readonly number[];
  /** The first byte and the one after the last, counted from the beginning of the buffer. */
  begin: number;
  end: number;
}

export interface Header {
  metadata: ReadonlyMap<string, string>;
  tensors: ReadonlyMap<string, TensorInfo>;
}

/**
 * The length of the header in bytes, by the first 8 bytes of a file of `fileBytes`.
 * @throws {Error} `<name> is not a valid model file: …` if the file cannot hold such a header.
 */
export function parseHeaderLength(bytes: Uint8Array, fileBytes: number, name: string): number {
  if (fileBytes < LENGTH_BYTES) {
    throw invalidFile(
      name,
      `it is ${fileBytes} bytes long, shorter than the ${LENGTH_BYTES} that every file begins with`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > LONGEST_HEADER_BYTES) {
    const most = `more than the ${LONGEST_HEADER_BYTES} allowed: this is no safetensors file`;
    throw invalidFile(name, `its header would be ${length} bytes long, ${most}`);
  }
  if (LENGTH_BYTES + length > fileBytes) {
    throw invalidFile(name, `it is ${fileBytes} bytes long, its header alone would be ${LENGTH_BYTES + length}`);
  }
  return length;
}

/**
 * The header of a file whose buffer has `bufferBytes`. Keys that are there twice are refused, as the format asks for:
 * `JSON.parse` would hide all but the last. Keys of a tensor beside dtype, shape and data_offsets are passed over.
 * @param json the header without the 8 bytes before it, over memory that is not shared.
 * @throws {Error} `<name> is not a valid model file: …` unless every rule of the format holds.
 */
export function parseHeader(json: Uint8Array, bufferBytes: number, name: string): Header {
  const header = parseJson(json, name);
  const tensors = new Map<string, TensorInfo>();
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [key, value] of Object.entries(header)) {
    if (key === METADATA_KEY) metadata = parseMetadata(value, name);
    else tensors.set(key, parseTensor(key, value, bufferBytes, name));
  }
  checkCoverage(tensors, bufferBytes, name);
  return { metadata, tensors };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(json: Uint8Array, name: string): Record<string, unknown> {
  if (json[0] !== 0x7b) throw invalidFile(name, "its header does not begin with {");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    throw invalidFile(name, "its header is not valid UTF-8");
  }
  let fault: string | undefined;
  let header: unknown;
  try {
    fault = findJsonFault(text);
    if (fault === undefined) header = JSON.parse(text);
  } catch {
    throw invalidFile(name, "its header is not valid JSON");
  }
  if (fault !== undefined) throw invalidFile(name, `its header ${fault}`);
  return header as Record<string, unknown>; // it begins with {
}

function parseMetadata(value: unknown, name: string): ReadonlyMap<string, string> {
  if (!isObject(value)) throw invalidFile(name, `${METADATA_KEY} must be an object, got ${describeValue(value)}`);
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw invalidFile(name, `${METADATA_KEY}: ${describeValue(key)} must be a string, got ${describeValue(text)}`);
    }
    metadata.set(key, text);
  }
  return metadata;
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseTensor(key: string, value: unknown, bufferBytes: number, name: string): TensorInfo {
  const refuse = (what: string, rule: string, got: unknown): never => {
    throw invalidFile(name, `tensor ${describeValue(key)}: ${what} must be ${rule}, got ${describeValue(got)}`);
  };
  if (!isObject(value)) return refuse("its entry", "an object", value);
  const { dtype, shape, data_offsets: offsets } = value;
  const bits = typeof dtype === "string" ? ELEMENT_BITS.get(dtype) : undefined;
  if (bits === undefined) return refuse("dtype", "a type of the safetensors format", dtype);
  if (!Array.isArray(shape)) return refuse("shape", "an array", shape);
  let elements = 1;
  for (const length of shape) {
    if (!isLength(length)) return refuse("a length of its shape", "a whole number ≥ 0", length);
    elements *= length;
    if (!isLength(elements)) return refuse("the product of its shape", "below 2^53", elements);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2) return refuse("data_offsets", "two numbers", offsets);
  const [begin, end] = offsets as unknown[];
  if (!isLength(begin)) return refuse("its first offset", "a whole number ≥ 0", begin);
  if (!isLength(end) || end < begin) return refuse("its second offset", `a whole number ≥ ${begin}`, end);
  if (end > bufferBytes) return refuse("its second offset", `within the ${bufferBytes} bytes of the buffer`, end);
  const bytes = (elements * bits) / 8; // inexact only far beyond any file
  if (bytes !== end - begin) return refuse("its length in bytes", `${bytes} by dtype and shape`, end - begin);
  return { dtype: dtype as string, shape, begin, end };
}

/** Tensors in the order of the buffer must begin where the one before ends, and the last end with the buffer. */
function checkCoverage(tensors: ReadonlyMap<string, TensorInfo>, bufferBytes: number, name: string): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const [key, { begin, end }] of inOrder) {
    if (begin !== covered) {
      const what = begin < covered ? "overlaps the one before it" : "leaves a hole before it";
      throw invalidFile(name, `tensor ${describeValue(key)} ${what}: it begins at byte ${begin}, not ${covered}`);
    }
    covered = end;
  }
  if (covered !== bufferBytes) {
    throw invalidFile(name, `its tensors take ${covered} bytes, but the file has ${bufferBytes} for them`);
  }
}
