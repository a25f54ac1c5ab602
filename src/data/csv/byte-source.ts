/** Wherever text may come from → a name and chunks of bytes. */

import { nodeBuiltin } from "../../platform.js";
import { messageOf } from "../message-of.js";
import { describeValue } from "../options.js";

/**
 * A path (of the file system; in a browser, an address relative to the page), a URL, a File or Blob, a stream or any other
 * asynchronous iterable of chunks, bytes, or the text itself: a string that holds a line break.
 */
export type CsvSource =
  | string
  | URL
  | Blob
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | ArrayBuffer
  | Uint8Array;

/** An opened source. */
export interface ByteSource {
  /** What messages call it. */
  label: string;
  totalBytes: number | undefined;
  chunks: AsyncIterator<unknown>;
  /** Gives the source up, also while a chunk is awaited. */
  cancel: () => void;
}

const FILE_CHUNK_BYTES = 2 ** 20;
const LONGEST_LABEL = 120;

/** @throws if the source is of no known kind or cannot be opened */
export async function openSource(source: CsvSource, signal: AbortSignal | undefined): Promise<ByteSource> {
  if (typeof source === "string") return openString(source, signal);
  if (source instanceof URL) return openUrl(source.href, signal);
  if (source instanceof Uint8Array) return openValue("bytes", source, source.length);
  if (source instanceof ArrayBuffer) return openValue("bytes", new Uint8Array(source), source.byteLength);
  if (typeof Blob !== "undefined" && source instanceof Blob) {
    const name = (source as Partial<File>).name;
    return openStream(source.stream(), name ? name : "blob", source.size);
  }
  if (typeof (source as Partial<ReadableStream>)?.getReader === "function") {
    return openStream(source as ReadableStream<unknown>, "stream", undefined);
  }
  if (typeof (source as Partial<AsyncIterable<unknown>>)?.[Symbol.asyncIterator] === "function") {
    const chunks = (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const { destroy } = source as { destroy?: () => void }; // of a Node stream
    return { label: "stream", totalBytes: undefined, chunks, cancel: () => destroy?.call(source) };
  }
  const kinds = "a path, URL, File, Blob, stream, asynchronous iterable, Uint8Array, or text with a line break";
  throw new TypeError(`source must be ${kinds}, got ${describeValue(source)}`);
}

function openString(source: string, signal: AbortSignal | undefined): Promise<ByteSource> | ByteSource {
  if (/[\r\n]/.test(source)) return openValue("text", source, undefined);
  if (source === "") throw new RangeError('source must be a path, a URL or text with a line break, got ""');
  if (/^(https?|file|blob|data):/i.test(source)) return openUrl(source, signal);
  return nodeBuiltin("node:fs") === undefined ? openUrl(source, signal) : openFile(source, source);
}

async function openUrl(address: string, signal: AbortSignal | undefined): Promise<ByteSource> {
  const label = address.length > LONGEST_LABEL ? `${address.slice(0, LONGEST_LABEL)}…` : address;
  if (/^file:/i.test(address)) return openFile(new URL(address), label);
  const response = await fetch(address, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new Error(`${label} must be readable, got ${messageOf(cause)}`, { cause });
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${label} must be readable, got HTTP status ${response.status} ${response.statusText}`.trimEnd());
  }
  const length = response.headers.get("content-encoding") === null ? response.headers.get("content-length") : null;
  const totalBytes = length === null ? undefined : Number(length);
  return response.body === null ? openValue(label, "", 0) : openStream(response.body, label, totalBytes);
}

async function openFile(path: string | URL, label: string): Promise<ByteSource> {
  const files = nodeBuiltin("node:fs");
  if (files === undefined) throw new Error(`${label} must be readable, got a file URL where there is no file system`);
  try {
    const file = await files.promises.open(path);
    const stat = await file.stat();
    if (stat.isDirectory()) {
      await file.close();
      throw new Error("a folder");
    }
    const { size } = stat;
    return { label, totalBytes: size > 0 ? size : undefined, chunks: readFile(file), cancel: () => {} };
  } catch (cause) {
    const hint = "a string is taken as CSV text if it holds a line break";
    throw new Error(`${label} must be a readable file, got ${messageOf(cause)}; ${hint}`, { cause });
  }
}

interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number, position: null): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
}

/** One buffer for all chunks: each must be used up before the next is asked for. */
async function* readFile(file: OpenFile): AsyncGenerator<Uint8Array> {
  try {
    const buffer = new Uint8Array(FILE_CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Through a reader, as not every browser can iterate a stream. */
function openStream(stream: ReadableStream<unknown>, label: string, totalBytes: number | undefined): ByteSource {
  const reader = stream.getReader();
  const cancel = (): void => {
    reader.cancel().catch(() => {});
  };
  const chunks: AsyncIterator<unknown> = {
    async next() {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
  };
  return { label, totalBytes, chunks, cancel };
}

function openValue(label: string, value: Uint8Array | string, totalBytes: number | undefined): ByteSource {
  const chunks = (async function* () {
    yield value;
  })();
  return { label, totalBytes, chunks, cancel: () => {} };
}
