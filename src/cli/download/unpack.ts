/** A zip archive → files in a new folder, and nothing outside of it. */
import { closeSync, openSync, writeSync } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { Inflate } from "fflate";
import { Failure, messageOf } from "../failure.js";
import { dataOffset, readAt, readZipDirectory, type ZipEntry } from "./zip-directory.js";

const CHUNK_BYTES = 2 ** 18;
const STORED = 0;
const DEFLATED = 8;

/** Called after every chunk with the bytes unpacked so far, and all. */
export type UnpackProgress = (bytes: number, totalBytes: number) => void;

/**
 * Unpacks into `folder`, which must be empty and this program's alone: every name is checked, and no link is ever made.
 * @throws {Failure} if the archive is damaged or has names that lead elsewhere; the signal's reason
 */
export async function unpack(
  archive: string,
  folder: string,
  signal: AbortSignal,
  onProgress: UnpackProgress,
): Promise<void> {
  const file = await open(archive, "r");
  try {
    const all = await readZipDirectory(file, (await file.stat()).size);
    const entries = all.filter(({ name }) => !name.startsWith("__MACOSX/"));
    for (const entry of entries) checkEntry(entry);
    const totalBytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    let doneBytes = 0;
    for (const entry of entries) {
      const path = join(folder, entry.name);
      await mkdir(entry.isFolder ? path : dirname(path), { recursive: true });
      if (entry.isFolder) continue;
      await unpackEntry(file, entry, path, signal, (bytes) => onProgress(doneBytes + bytes, totalBytes));
      doneBytes += entry.bytes;
    }
  } finally {
    await file.close();
  }
}

/** Zip-slip (CWE-22): an entry may name a path outside the folder, or a link that leads there. */
function checkEntry({ name, isLink, method }: ZipEntry): void {
  const parts = name.split(/[/\\]/);
  const isSafe =
    name !== "" && !/^[/\\]|^[A-Za-z]:|\0/.test(name) && !name.includes("\\") && parts.every((part) => part !== "..");
  if (!isSafe) throw new Failure(`the archive is not to be trusted: it has the name ${JSON.stringify(name)}`);
  if (isLink) throw new Failure(`the archive is not to be trusted: ${JSON.stringify(name)} is a link`);
  if (method !== STORED && method !== DEFLATED) throw new Failure(`${name} is packed by the unknown method ${method}`);
}

async function unpackEntry(
  file: FileHandle,
  entry: ZipEntry,
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const output = new CheckedFile(path);
  try {
    const inflate = entry.method === DEFLATED ? new Inflate((chunk) => output.write(chunk)) : undefined;
    let at = await dataOffset(file, entry);
    const end = at + entry.compressedBytes;
    while (at < end) {
      signal.throwIfAborted();
      const chunk = await readAt(file, at, Math.min(end, at + CHUNK_BYTES));
      if (chunk.length === 0) throw new Failure(`the archive is damaged: ${entry.name} is cut off`);
      at += chunk.length;
      if (inflate) pushInto(inflate, chunk, at === end, entry.name);
      else output.write(chunk);
      onBytes(output.bytes);
    }
  } finally {
    output.close();
  }
  if (output.bytes !== entry.bytes || output.crc32 !== entry.crc32) {
    throw new Failure(`the archive is damaged: the checksum of ${entry.name} is not as its directory says`);
  }
}

function pushInto(inflate: Inflate, chunk: Uint8Array, isLast: boolean, name: string): void {
  try {
    inflate.push(chunk, isLast);
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string") throw cause; // of the file system, such as ENOSPC
    throw new Failure(`the archive is damaged: ${name}: ${messageOf(cause)}`, { cause });
  }
}

/** A new file that counts and sums up what is written; synchronous, as the decompressor's callback is. */
class CheckedFile {
  bytes = 0;
  crc32 = 0;
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, "wx");
  }

  write(chunk: Uint8Array): void {
    for (let written = 0; written < chunk.length; ) written += writeSync(this.#descriptor, chunk, written);
    this.bytes += chunk.length;
    this.crc32 = crc32(chunk, this.crc32);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
