/** Matrices of floats ↔ tensors of two dimensions, which have no padding; vectors are read as matrices of one column. */
import { describeValue } from "../data/options.js";
import { fromFloat16, LARGEST_FLOAT16, toFloat16 } from "./float16.js";
import type { TensorReader } from "./model-source.js";
import { elementBytes, type TensorSource } from "./safetensors.js";
import { BLOCK_BYTES, bytesOf, piecesOf } from "./tensor-arrays.js";

/** The largest size of a value in a matrix: products of two, and sums of many, stay far inside f32. */
export const LARGEST_VALUE = 1e15;

/** The types floats may have in a file. */
export const FLOAT_TYPES = ["F32", "F16", "F64"] as const;

/** A matrix in memory: row r is `columns` floats from r × stride on; the rest of the row is padding. */
export interface MatrixLayout {
  rows: number;
  columns: number;
  /** Floats from one row to the next, ≥ columns. */
  stride: number;
}

export interface MatrixValues extends MatrixLayout {
  /** f32[rows × stride] */
  values: Float32Array;
}

/** Rows of a block of about 1 MB, at least one. */
function rowsPerBlock(columns: number, bytesPerElement: number): number {
  return Math.max(1, Math.floor(BLOCK_BYTES / (columns * bytesPerElement)));
}

/**
 * The matrix as a tensor [rows, columns]. The values must stay as they are until they are written.
 * @throws {RangeError} that names the place of a value that is not finite, above 1e15, or by float16 above 65504 in size.
 */
export function matrixTensor(name: string, matrix: MatrixValues, float16: boolean): TensorSource {
  const { rows, columns, stride, values } = matrix;
  if (columns > stride || values.length !== rows * stride) {
    const layout = `${rows} × ${columns} with stride ${stride} and ${values.length} values`;
    throw new RangeError(`${name} must have rows × stride values, and no more columns than stride, got ${layout}`);
  }
  const largest = float16 ? LARGEST_FLOAT16 : LARGEST_VALUE;
  const fault = findLargeValue(values, matrix, largest);
  if (fault !== undefined) throw new RangeError(`${name}${fault}${float16 ? ", too large for float16" : ""}`);
  const dtype = float16 ? "F16" : "F32";
  return { name, dtype, shape: [rows, columns], chunks: () => matrixChunks(matrix, dtype) };
}

function* matrixChunks(matrix: MatrixValues, dtype: "F16" | "F32"): Generator<Uint8Array, void, void> {
  const { rows, columns, stride, values } = matrix;
  if (columns === 0) return;
  if (dtype === "F32" && stride === columns) return yield* piecesOf(values);
  const blockRows = Math.min(rowsPerBlock(columns, elementBytes("F32")), rows);
  const floats = new Float32Array(blockRows * columns);
  const halfs = new Uint16Array(dtype === "F16" ? floats.length : 0);
  for (let first = 0; first < rows; first += blockRows) {
    const numRows = Math.min(blockRows, rows - first);
    for (let row = 0; row < numRows; row++) {
      const begin = (first + row) * stride;
      floats.set(values.subarray(begin, begin + columns), row * columns);
    }
    const block = floats.subarray(0, numRows * columns);
    if (dtype === "F16") toFloat16(block, halfs);
    yield bytesOf(dtype === "F16" ? halfs.subarray(0, block.length) : block);
  }
}

/**
 * Fills `into` with a tensor of rows × columns floats; the padding becomes zero. If it fails, `into` may be half written.
 * The tensor's type and size must have been checked.
 * @param into f32[rows × stride], perhaps over shared memory.
 * @throws {Error} that refuses the file if a value is not finite or above `largest` in size.
 */
export async function readFloats(
  reader: TensorReader,
  name: string,
  layout: MatrixLayout,
  into: Float32Array,
  largest: number,
): Promise<void> {
  const { dtype } = reader.tensor(name);
  const { rows, columns, stride } = layout;
  if (dtype === "F32" && stride === columns) await reader.readInto(name, bytesOf(into));
  else if (columns === 0) into.fill(0);
  else await readInBlocks(reader, name, layout, into);
  const fault = findLargeValue(into, { rows, columns, stride }, largest);
  if (fault !== undefined) throw reader.invalid(`${name}${fault}`);
}

async function readInBlocks(
  reader: TensorReader,
  name: string,
  { rows, columns, stride }: MatrixLayout,
  into: Float32Array,
): Promise<void> {
  const dtype = reader.tensor(name).dtype as (typeof FLOAT_TYPES)[number];
  const rowBytes = columns * elementBytes(dtype);
  const blockRows = Math.min(rowsPerBlock(columns, elementBytes(dtype)), rows);
  const block = new ArrayBuffer(blockRows * rowBytes);
  const floats = dtype === "F32" ? new Float32Array(block) : new Float32Array(blockRows * columns);
  for (let first = 0; first < rows; first += blockRows) {
    const numRows = Math.min(blockRows, rows - first);
    await reader.readInto(name, new Uint8Array(block, 0, numRows * rowBytes), first * rowBytes);
    if (dtype === "F16") fromFloat16(new Uint16Array(block), floats);
    if (dtype === "F64") floats.set(new Float64Array(block));
    for (let row = 0; row < numRows; row++) {
      const begin = (first + row) * stride;
      into.set(floats.subarray(row * columns, (row + 1) * columns), begin);
      into.fill(0, begin + columns, begin + stride);
    }
  }
}

/** The largest f32. */
const LARGEST_FLOAT = 3.4028234663852886e38;

/** The place, rule and value of the first value that is not finite or larger in size, as a message goes on; if any. */
export function findLargeValue(
  values: Float32Array,
  { rows, columns, stride }: MatrixLayout,
  largest: number,
): string | undefined {
  if (areWithin(values, largest)) return undefined;
  for (let row = 0; row < rows; row++) {
    const begin = row * stride;
    for (let at = begin; at < begin + columns; at++) {
      if (Math.abs(values[at]!) <= largest) continue;
      const place = columns === 1 && stride === 1 ? `[${row}]` : `[${row}, ${at - begin}]`;
      const rule = largest === Number.MAX_VALUE ? "a finite number" : `a number in [-${largest}, ${largest}]`;
      return ` must be ${rule} at ${place}, got ${describeValue(values[at])}`;
    }
  }
  return undefined;
}

/** Whether all of the values are finite and at most `largest` in size: by their bits, which rise with the size. */
function areWithin(values: Float32Array, largest: number): boolean {
  const limit = new Uint32Array(Float32Array.of(Math.min(largest, LARGEST_FLOAT)).buffer)[0]!;
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let most = 0;
  for (let at = 0; at < words.length; at++) {
    const size = words[at]! & 0x7fffffff;
    if (size > most) most = size;
  }
  return most <= limit;
}
