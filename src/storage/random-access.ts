/** Wherever a file may be → its bytes at any position. */
import { reject } from "../data/options.js";
import { nodeBuiltin } from "../platform.js";
import { invalidFile } from "./invalid-file.js";

/**
 * A path (of the file system; in a browser, an address relative to the page), a URL, a File or Blob, or bytes, which are
 * read where they are.
 */
export type ModelSource = string | URL | Blob | ArrayBuffer | ArrayBufferView;

/** An opened source. */
export interface RandomAccess {
  /** What messages call it. */
  readonly name: string;
  readonly totalBytes: number;
  /**
   * Fills `bytes`, which may be over shared memory, with what is at `position`.
   * @throws {Error} that names the source, if it cannot be read or has changed its size.
   */
  read(position: number, bytes: Uint8Array): Promise<void>;
  /** Lets the source go; may be called again. */
  close(): Promise<void>;
}

const LONGEST_NAME = 120;
const MOST_BYTES_AT_ONCE = 2 ** 30; // a read call of Node takes at most 2^31 − 1
const BLOB_PIECE_BYTES = 2 ** 24;

/** @throws {TypeError | RangeError} if the source is of no known kind; {Error} that names it if it cannot be opened. */
export async function openRandomAccess(source: ModelSource): Promise<RandomAccess> {
  if (typeof source === "string") return openString(source);
  if (source instanceof URL) return openUrl(source.href);
  if (ArrayBuffer.isView(source)) return openBytes(source.buffer, source.byteOffset, source.byteLength, "bytes");
  if (isBuffer(source)) return openBytes(source, 0, source.byteLength, "bytes");
  if (typeof Blob !== "undefined" && source instanceof Blob) return openBlob(source);
  return reject("source", "a path, URL, File, Blob, ArrayBuffer or a view of one", source, "none");
}

/** Also a buffer of another realm (a frame, a test's sandbox), and a shared one. */
function isBuffer(source: unknown): source is ArrayBuffer {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(source));
}

function openString(source: string): Promise<RandomAccess> {
  if (source === "") reject("source", "a path or a URL", source, "string");
  if (/^(https?|file|blob|data):/i.test(source)) return openUrl(source);
  return nodeBuiltin("node:fs") === undefined ? openUrl(source) : openFile(source, source);
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { cause: deeper } = cause; // of "fetch failed"
  return deeper instanceof Error && deeper.message !== "" ? `${cause.message}: ${deeper.message}` : cause.message;
}

function unreadable(name: string, cause: unknown): Error {
  return new Error(`${name} must be readable, got ${reasonOf(cause)}`, { cause });
}

/** Downloads it all: a server need not know ranges. */
async function openUrl(address: string): Promise<RandomAccess> {
  const name = address.length > LONGEST_NAME ? `${address.slice(0, LONGEST_NAME)}…` : address;
  if (/^file:/i.test(address)) return openFile(new URL(address), name);
  const response = await fetch(address).catch((cause: unknown) => {
    throw unreadable(name, cause);
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${name} must be readable, got HTTP status ${response.status} ${response.statusText}`.trimEnd());
  }
  const bytes = await response.arrayBuffer().catch((cause: unknown) => {
    throw unreadable(name, cause);
  });
  return openBytes(bytes, 0, bytes.byteLength, name);
}

function changed(name: string, before: number, now: number): Error {
  return invalidFile(name, `its size changed from ${before} to ${now} bytes while it was being read`);
}

function openBytes(buffer: ArrayBufferLike, offset: number, totalBytes: number, name: string): RandomAccess {
  return {
    name,
    totalBytes,
    async read(position, bytes) {
      const end = offset + position + bytes.length;
      if (end > buffer.byteLength) throw changed(name, totalBytes, Math.max(buffer.byteLength - offset, 0)); // detached
      bytes.set(new Uint8Array(buffer, offset + position, bytes.length));
    },
    async close() {},
  };
}

function openBlob(blob: Blob): RandomAccess {
  const name = (blob as Partial<File>).name || "blob";
  return {
    name,
    totalBytes: blob.size,
    async read(position, bytes) {
      for (let done = 0; done < bytes.length; done += BLOB_PIECE_BYTES) {
        const end = Math.min(done + BLOB_PIECE_BYTES, bytes.length);
        const piece = blob.slice(position + done, position + end);
        const read = await piece.arrayBuffer().catch((cause: unknown) => {
          throw unreadable(name, cause);
        });
        bytes.set(new Uint8Array(read), done);
      }
    },
    async close() {},
  };
}

interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  stat(): Promise<{ size: number; isFile(): boolean; isDirectory(): boolean }>;
  close(): Promise<void>;
}

/** Reads what is asked for and no more. The file stays open until `close`. */
async function openFile(path: string | URL, name: string): Promise<RandomAccess> {
  const files = nodeBuiltin("node:fs");
  if (files === undefined) throw new Error(`${name} must be readable, got a file URL where there is no file system`);
  let file: OpenFile | undefined;
  let totalBytes: number;
  try {
    file = await files.promises.open(path);
    const stat = await file.stat();
    if (!stat.isFile())
      throw new Error(stat.isDirectory() ? "a folder" : "something that cannot be read at a position");
    totalBytes = stat.size;
  } catch (cause) {
    await file?.close();
    throw new Error(`${name} must be a readable file, got ${reasonOf(cause)}`, { cause });
  }
  const open = file;
  return {
    name,
    totalBytes,
    read: (position, bytes) => readFile(open, { name, totalBytes }, position, bytes),
    close: () => open.close(),
  };
}

async function readFile(
  file: OpenFile,
  { name, totalBytes }: { name: string; totalBytes: number },
  position: number,
  bytes: Uint8Array,
): Promise<void> {
  let size: number;
  try {
    for (let done = 0, bytesRead = 1; done < bytes.length && bytesRead > 0; done += bytesRead) {
      const piece = bytes.subarray(done, done + MOST_BYTES_AT_ONCE);
      ({ bytesRead } = await file.read(piece, 0, piece.length, position + done)); // may be fewer than asked for; 0 at the end
    }
    ({ size } = await file.stat());
  } catch (cause) {
    throw unreadable(name, cause);
  }
  if (size !== totalBytes) throw changed(name, totalBytes, size);
}
