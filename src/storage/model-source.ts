/** Reading: an opened safetensors file, whose tensors are read one at a time, in whole or in part. */
import { describeValue } from "../data/options.js";
import { invalidFile } from "./invalid-file.js";
import { type ModelSource, openRandomAccess, type RandomAccess } from "./random-access.js";
import { LENGTH_BYTES } from "./safetensors.js";
import { type Header, parseHeader, parseHeaderLength, type TensorInfo } from "./safetensors-header.js";

export type { ModelSource } from "./random-access.js";

/**
 * Opens a file and checks its header; the tensors are left where they are.
 * @throws {TypeError | RangeError} if the source is of no known kind; {Error} `<name> must be …, got …` if it cannot be
 * read, `<name> is not a valid model file: …` if it is no safetensors file.
 */
export async function openModelFile(source: ModelSource): Promise<TensorReader> {
  const access = await openRandomAccess(source);
  const { name, totalBytes } = access;
  try {
    const first = new Uint8Array(LENGTH_BYTES);
    if (totalBytes >= LENGTH_BYTES) await access.read(0, first);
    const length = parseHeaderLength(first, totalBytes, name);
    const json = new Uint8Array(length);
    await access.read(LENGTH_BYTES, json);
    const bufferBegin = LENGTH_BYTES + length;
    return new TensorReader(access, parseHeader(json, totalBytes - bufferBegin, name), bufferBegin);
  } catch (error) {
    await access.close();
    throw error;
  }
}

/** An opened safetensors file. */
export class TensorReader {
  /** What messages call the file: its path or address, a File's name, "bytes" or "blob". */
  readonly name: string;
  /** Length of the whole file in bytes. */
  readonly totalBytes: number;
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly #access: RandomAccess;
  readonly #bufferBegin: number;

  /** @internal Use `openModelFile`. */
  constructor(access: RandomAccess, { metadata, tensors }: Header, bufferBegin: number) {
    this.name = access.name;
    this.totalBytes = access.totalBytes;
    this.metadata = metadata;
    this.tensors = tensors;
    this.#access = access;
    this.#bufferBegin = bufferBegin;
  }

  /**
   * Fills `bytes` with a tensor's bytes from its byte `from` on. The memory may be shared.
   * @throws {Error} if there is no such tensor or it cannot be read; {RangeError} if it has not so many bytes.
   */
  async readInto(name: string, bytes: Uint8Array, from = 0): Promise<void> {
    const { begin, end } = this.tensor(name);
    if (from + bytes.length > end - begin) {
      throw new RangeError(`bytes must hold at most ${end - begin - from} from byte ${from} on, got ${bytes.length}`);
    }
    if (bytes.length > 0) await this.#access.read(this.#bufferBegin + begin + from, bytes);
  }

  /** A tensor's place and type. @throws {Error} if there is none of that name. */
  tensor(name: string): TensorInfo {
    const info = this.tensors.get(name);
    if (info === undefined) throw this.invalid(`it has no tensor ${describeValue(name)}`);
    return info;
  }

  /** The error that refuses this file. */
  invalid(fault: string): Error {
    return invalidFile(this.name, fault);
  }

  /** Lets the file go; may be called again. */
  close(): Promise<void> {
    return this.#access.close();
  }
}
