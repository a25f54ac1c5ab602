/** Model files: told from other files, loaded, and what their headers say. */
import { open, stat } from "node:fs/promises";
import { inspect, type LoadedModel, load, type ModelInfo } from "../index.js";
import { Failure, messageOf } from "./failure.js";
import type { Context } from "./output.js";
import { counted, duration } from "./quantities.js";

export interface ModelOfFile {
  model: LoadedModel;
  header: ModelInfo;
  seconds: number;
}

const LENGTH_BYTES = 8;
const BRACE = 0x7b;

/**
 * Whether a file is of models: by its ending, or by how every safetensors file begins: a length in 8 bytes, of which the
 * upper ones are 0, as no text has them, and a brace. Pipes are not looked into, as they can be read only once.
 */
export async function isModelFile(path: string): Promise<boolean> {
  if (/\.safetensors$/i.test(path)) return true;
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) return false;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LENGTH_BYTES + 1), 0, LENGTH_BYTES + 1, 0);
    return bytesRead > LENGTH_BYTES && buffer.readUInt32LE(4) === 0 && buffer[LENGTH_BYTES] === BRACE;
  } finally {
    await file.close();
  }
}

/** Where a file of text is needed. @throws {Failure} if it is a model */
export async function refuseModelFile(path: string, needed: string): Promise<void> {
  if (!(await isModelFile(path))) return;
  throw new Failure(`${path} is a model file, where ${needed} is needed; recommend, similar and info take models`);
}

/** Where a model is needed. @throws {Failure} if it is none */
export async function requireModelFile(path: string): Promise<void> {
  if (await isModelFile(path)) return;
  throw new Failure(`${path} is no model file; lowrank train <ratings> --save <file> writes one`);
}

/** Loads a model and says what it is. @throws {Failure} in the words of the library */
export async function readModel(path: string, { output, signal }: Context): Promise<ModelOfFile> {
  const begin = performance.now();
  let model: LoadedModel;
  try {
    model = await load(path);
  } catch (error) {
    throw new Failure(messageOf(error), { cause: error });
  }
  signal.throwIfAborted();
  const header = await inspect(path);
  const seconds = (performance.now() - begin) / 1000;
  const sizes = `${counted(model.users.size, "user")}, ${counted(model.items.size, "item")}`;
  output.note(`${path}: ${header.model}, ${sizes}; loaded in ${duration(seconds)}`);
  return { model, header, seconds };
}
