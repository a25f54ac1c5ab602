/**
 * The safetensors format, as it is written: 8 bytes, the length N of the header as a little-endian u64; N bytes of JSON,
 * `{"__metadata__": {name: text}, name: {"dtype", "shape", "data_offsets": [begin, end]}}`, then the buffer that the
 * offsets count from. The tensors fill the buffer without a hole; spaces after the JSON make it begin at a multiple of
 * 8 bytes. Elements are little-endian, as is all typed-array memory that WebAssembly runs on; tensors are row by row.
 */

/** Bits of an element, for every type the format has. */
export const ELEMENT_BITS: ReadonlyMap<string, number> = new Map([
  ["F4", 4],
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
  ["BOOL", 8],
  ["U8", 8],
  ["I8", 8],
  ["F8_E5M2", 8],
  ["F8_E4M3", 8],
  ["F8_E8M0", 8],
  ["F8_E4M3FNUZ", 8],
  ["F8_E5M2FNUZ", 8],
  ["I16", 16],
  ["U16", 16],
  ["F16", 16],
  ["BF16", 16],
  ["I32", 32],
  ["U32", 32],
  ["F32", 32],
  ["C64", 64],
  ["F64", 64],
  ["I64", 64],
  ["U64", 64],
]);

/** The longest header in bytes that readers of the format take. */
export const LONGEST_HEADER_BYTES = 100_000_000;

/** Bytes of the number before the header. */
export const LENGTH_BYTES = 8;

/** The key of the header that is not a tensor's. */
export const METADATA_KEY = "__metadata__";

/** The types that are written. */
export type TensorType = "F64" | "F32" | "F16" | "I64" | "U32" | "U8";

/** A tensor to be written. */
export interface TensorSource {
  name: string;
  dtype: TensorType;
  shape: readonly number[];
  /** Its bytes, a piece at a time, in order. A piece may be overwritten once the next one is asked for. */
  chunks(): Iterable<Uint8Array>;
}

/** What a file is to hold. */
export interface TensorFile {
  metadata: Readonly<Record<string, string>>;
  tensors: readonly TensorSource[];
}

/** A file laid out, ready to be written. */
export interface EncodedFile {
  /** The length, the JSON and its padding; a multiple of 8 bytes. */
  header: Uint8Array;
  /** Of the whole file, header included. */
  totalBytes: number;
  /** The whole file in order, header first; a piece may be overwritten once the next one is asked for. */
  chunks(): Iterable<Uint8Array>;
}

const BUFFER_ALIGNMENT = 8;

/** Bytes of one element of a type that is written. */
export function elementBytes(dtype: TensorType): number {
  return ELEMENT_BITS.get(dtype)! / 8;
}

function tensorBytes({ dtype, shape }: TensorSource): number {
  return shape.reduce((product, length) => product * length, elementBytes(dtype));
}

/**
 * Lays a file out: larger elements first, otherwise in the order given, so that every tensor begins at a multiple of its
 * element's size.
 * @throws {RangeError} if two tensors have one name, one is called `__metadata__`, or the header is over 100 MB.
 */
export function encode(file: TensorFile): EncodedFile {
  const tensors = [...file.tensors].sort((a, b) => elementBytes(b.dtype) - elementBytes(a.dtype));
  const header: [string, unknown][] = [[METADATA_KEY, file.metadata]];
  const names = new Set([METADATA_KEY]);
  let end = 0;
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    if (names.has(name)) throw new RangeError(`tensor names must be distinct, got ${JSON.stringify(name)} again`);
    names.add(name);
    const begin = end;
    end += tensorBytes(tensor);
    header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const headerBytes = encodeHeader(Object.fromEntries(header)); // fromEntries makes "__proto__" a key like any other
  return {
    header: headerBytes,
    totalBytes: headerBytes.length + end,
    chunks: () => chunksOf(headerBytes, tensors),
  };
}

function encodeHeader(header: object): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const paddedBytes = Math.ceil(json.length / BUFFER_ALIGNMENT) * BUFFER_ALIGNMENT;
  if (paddedBytes > LONGEST_HEADER_BYTES) {
    throw new RangeError(`the header must be at most ${LONGEST_HEADER_BYTES} bytes long, got ${paddedBytes}`);
  }
  const bytes = new Uint8Array(LENGTH_BYTES + paddedBytes).fill(0x20); // spaces
  new DataView(bytes.buffer).setBigUint64(0, BigInt(paddedBytes), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}

function* chunksOf(header: Uint8Array, tensors: readonly TensorSource[]): Generator<Uint8Array, void, void> {
  yield header;
  for (const tensor of tensors) {
    let left = tensorBytes(tensor);
    for (const chunk of tensor.chunks()) {
      left -= chunk.length;
      if (left < 0) break;
      if (chunk.length > 0) yield chunk; // some streams never answer an empty one
    }
    if (left === 0) continue;
    const amount = `${Math.abs(left)} bytes ${left < 0 ? "too many" : "too few"}`;
    throw new Error(`tensor ${JSON.stringify(tensor.name)} must give the bytes of its shape, got ${amount}`);
  }
}
