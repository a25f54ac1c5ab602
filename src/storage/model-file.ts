/** What every model file holds, read and checked piece by piece: the layer that loading a model is built on. */
import type { IdIndex } from "../data/id-index.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import { countIds, readIds } from "./id-tensors.js";
import { FLOAT_TYPES, LARGEST_VALUE, type MatrixLayout, readFloats } from "./matrix-tensors.js";
import { decodeMetadata, type ModelMetadata } from "./metadata.js";
import { type ModelSource, openModelFile, type TensorReader } from "./model-source.js";
import { readSeen } from "./seen-tensors.js";
import { allocate, checkedLength, checkedTensor, readUint32, WHOLE_TYPES } from "./tensor-arrays.js";

export { LARGEST_VALUE } from "./matrix-tensors.js";

const MOST_ROWS = 2 ** 32 - 1;

/**
 * Opens a model file and reads what it says of itself; ids and numbers are left where they are. `close` it in the end.
 * @throws {TypeError | RangeError} if the source is of no known kind; {Error} `<name> must be …` if it cannot be read,
 * `<name> is not a valid model file: …`, or `<name> was written by a newer lowrank …`.
 */
export async function openModel(source: ModelSource): Promise<ModelFile> {
  const reader = await openModelFile(source);
  try {
    return new ModelFile(reader, decodeMetadata(reader));
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/**
 * An opened model file. Every method that reads throws an Error `<name> is not a valid model file: …` by what is not
 * there, of the wrong type or size, or no valid value; nothing is allocated that the file's size does not bear out.
 */
export class ModelFile {
  /** What messages call the file: its path or address, a File's name, "bytes" or "blob". */
  readonly name: string;
  /** The class, such as "MatrixFactorization". */
  readonly model: string;
  /** Version of the package that wrote the file. */
  readonly lowrankVersion: string;
  /** Finite numbers, strings, `true` and `false`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Any numbers but NaN. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly #reader: TensorReader;

  /** @internal Use `openModel`. */
  constructor(reader: TensorReader, { model, lowrankVersion, options, parameters }: ModelMetadata) {
    this.name = reader.name;
    this.model = model;
    this.lowrankVersion = lowrankVersion;
    this.options = options;
    this.parameters = parameters;
    this.#reader = reader;
  }

  /** Length of the whole file in bytes. */
  get totalBytes(): number {
    return this.#reader.totalBytes;
  }

  /** How a tensor's numbers are written, as safetensors calls it: "F32", "F16". */
  typeOf(name: string): string {
    return this.#reader.tensor(name).dtype;
  }

  /** How many training interactions the file has, by the header alone; `undefined` if it has none. */
  get numInteractions(): number | undefined {
    return this.has("seen.items") ? checkedLength(this.#reader, "seen.items", WHOLE_TYPES) : undefined;
  }

  /** Whether there is a tensor of that name. */
  has(name: string): boolean {
    return this.#reader.tensors.has(name);
  }

  /** How many users the file has ids of, by the header alone. */
  get numUsers(): number {
    return countIds(this.#reader, "user") ?? 0;
  }

  /** How many items the file has ids of, by the header alone. */
  get numItems(): number {
    return countIds(this.#reader, "item") ?? 0;
  }

  /** The users' ids; none if the file has none, as one for serving visitors alone. */
  users(): Promise<IdIndex> {
    return readIds(this.#reader, "user");
  }

  /** The items' ids. */
  async items(): Promise<IdIndex> {
    if (countIds(this.#reader, "item") === undefined) throw this.invalid("it has no item_ids");
    return readIds(this.#reader, "item");
  }

  /** The training interactions, numUsers × numItems, no item twice in a row; `undefined` if the file has none. */
  async seen(): Promise<SparseMatrix | undefined> {
    return readSeen(this.#reader, this.numUsers, this.numItems);
  }

  /** Interactions of each user u32[numUsers] and of each item u32[numItems]; `undefined` if the file has none. */
  async counts(): Promise<{ users: Uint32Array; items: Uint32Array } | undefined> {
    const { numUsers, numItems } = this;
    if (!this.has("item_counts") && !this.has("user_counts")) return undefined;
    const read = (name: string, length: number): Promise<Uint32Array> =>
      readUint32(this.#reader, name, 2 ** 32 - 1, length);
    const hasUsers = numUsers > 0 || this.has("user_counts");
    const users = hasUsers ? await read("user_counts", numUsers) : new Uint32Array(0);
    return { users, items: await read("item_counts", numItems) };
  }

  /** A vector, f32[length], all of it finite; F32, F16 or F64 in the file. */
  async vector(name: string, length: number): Promise<Float32Array> {
    checkedLength(this.#reader, name, FLOAT_TYPES, length);
    const values = new Float32Array(allocate(this.#reader, name, 4 * length));
    await readFloats(this.#reader, name, { rows: length, columns: 1, stride: 1 }, values, Number.MAX_VALUE);
    return values;
  }

  /** Rows and columns of a matrix, neither of them more than the file has bytes, nor than 2^32 − 1. */
  matrixShape(name: string): readonly [rows: number, columns: number] {
    const [rows, columns] = checkedTensor(this.#reader, name, FLOAT_TYPES, 2).shape as [number, number];
    const most = Math.min(this.#reader.totalBytes, MOST_ROWS); // [2^50, 0] takes no bytes, but whatever goes with it would
    if (rows > most || columns > most) {
      throw this.invalid(`${name} must have at most ${most} rows and columns, got ${rows} × ${columns}`);
    }
    return [rows, columns];
  }

  /**
   * Reads a matrix in place; F32, F16 or F64 in the file. The padding becomes zero. If it fails, `into` may be half
   * written.
   * @param into f32[rows × stride], perhaps over shared memory.
   * @throws {RangeError} if `into` is of another length; {Error} that refuses the file if the matrix is of another size,
   * or a value is not finite or beyond ±1e15.
   */
  async readMatrix(name: string, layout: MatrixLayout, into: Float32Array): Promise<void> {
    const { rows, columns, stride } = layout;
    if (stride < columns) throw new RangeError(`stride must be a whole number ≥ ${columns} (columns), got ${stride}`);
    if (into.length !== rows * stride) {
      throw new RangeError(`into must have length ${rows * stride} (rows × stride), got ${into.length}`);
    }
    const [fileRows, fileColumns] = this.matrixShape(name);
    if (fileRows !== rows || fileColumns !== columns) {
      throw this.invalid(`${name} must be ${rows} × ${columns}, got ${fileRows} × ${fileColumns}`);
    }
    await readFloats(this.#reader, name, layout, into, LARGEST_VALUE);
  }

  /** The error that refuses this file: for what the model itself finds wrong with it. */
  invalid(fault: string): Error {
    return this.#reader.invalid(fault);
  }

  /** Lets the file go; may be called again. */
  close(): Promise<void> {
    return this.#reader.close();
  }
}
