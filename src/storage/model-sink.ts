/** Writing: a safetensors file to wherever it may go. */
import { checkKnownOptions, describeValue, reject } from "../data/options.js";
import { nodeBuiltin } from "../platform.js";
import { replaceFile } from "./replace-file.js";
import { encode, type TensorFile } from "./safetensors.js";
import { type NodeWritable, writeToNodeStream, writeToWebStream } from "./write-streams.js";

export type { NodeWritable } from "./write-streams.js";

/** A path or `file:` URL (not in a browser), or a stream of the web's or of Node's. */
export type ModelTarget = string | URL | WritableStream<Uint8Array> | NodeWritable;

export interface WriteOptions {
  /** Ends the writing; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Writes a file, a piece of about 1 MB at a time. At a path it is there as a whole or not at all (see `replaceFile`); a
 * stream is closed at the end, or aborted (destroyed) on failure.
 * @throws {TypeError | RangeError} if the target is of no known kind; {Error} that names the path and the reason; what a
 * stream throws; the signal's reason.
 */
export async function writeModelFile(target: ModelTarget, file: TensorFile, options: WriteOptions = {}): Promise<void> {
  checkKnownOptions("save", options, ["signal"]);
  const { signal } = options;
  const path = pathOf(target);
  const chunks = encode(file).chunks();
  if (path !== undefined) return replaceFile(path, chunks, signal);
  if (isWebStream(target)) return writeToWebStream(target, chunks, signal);
  if (isNodeStream(target)) return writeToNodeStream(target, chunks, signal);
  reject("target", "a path, a file URL, a WritableStream or a Writable of Node", target, "none");
}

/**
 * The file's bytes.
 * @throws {Error} if they are more than one array can hold.
 */
export function modelFileBytes(file: TensorFile): Uint8Array<ArrayBuffer> {
  const encoded = encode(file);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(encoded.totalBytes);
  } catch (cause) {
    const advice = "save it to a path or a stream instead";
    throw new Error(`the model's ${encoded.totalBytes} bytes do not fit in one array; ${advice}`, { cause });
  }
  let end = 0;
  for (const chunk of encoded.chunks()) {
    bytes.set(chunk, end);
    end += chunk.length;
  }
  return bytes;
}

/** The path that a string or a URL means; `undefined` for anything else. */
function pathOf(target: ModelTarget): string | undefined {
  if (typeof target !== "string" && !(target instanceof URL)) return undefined;
  const text = String(target);
  if (text === "") reject("target", "a path, a file URL or a stream", target, "string");
  const isFileUrl = /^file:/i.test(text);
  if (target instanceof URL ? !isFileUrl : /^(https?|blob|data):/i.test(text)) {
    throw new RangeError(`target must be a path, a file URL or a stream, got the address ${describeValue(text)}`);
  }
  if (nodeBuiltin("node:fs") === undefined) {
    const advice = "use toBytes() or a WritableStream";
    throw new Error(`target must be a stream where there is no file system, got ${describeValue(text)}; ${advice}`);
  }
  return isFileUrl ? nodeBuiltin("node:url")!.fileURLToPath(text) : text;
}

function isWebStream(target: unknown): target is WritableStream<Uint8Array> {
  return typeof (target as Partial<WritableStream> | null)?.getWriter === "function";
}

function isNodeStream(target: unknown): target is NodeWritable {
  const { write, end, destroy, on, off } = (target ?? {}) as Partial<NodeWritable>;
  return [write, end, destroy, on, off].every((method) => typeof method === "function");
}
