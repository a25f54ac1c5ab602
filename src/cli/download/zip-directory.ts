/**
 * The list of files at the end of a zip archive (PKWARE's APPNOTE.TXT, 4.3.12 and 4.3.16). Unlike the headers between
 * the data it always has sizes and checksums, and tells which entries are links.
 */
import type { FileHandle } from "node:fs/promises";
import { Failure } from "../failure.js";

export interface ZipEntry {
  name: string;
  isFolder: boolean;
  isLink: boolean;
  /** 0 stored, 8 deflated. */
  method: number;
  compressedBytes: number;
  bytes: number;
  crc32: number;
  /** Where its local header begins in the archive. */
  offset: number;
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const UTF8_FLAG = 0x800;
const ENCRYPTED_FLAG = 1;
const UNIX = 3;
const FILE_TYPE = 0o170000;
const LINK = 0o120000;

/** @throws {Failure} if the file is no archive that this program can read */
export async function readZipDirectory(file: FileHandle, archiveBytes: number): Promise<ZipEntry[]> {
  const tail = await readAt(file, Math.max(0, archiveBytes - END_BYTES - LONGEST_COMMENT), archiveBytes);
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end--;
  if (end < 0) throw new Failure("the archive is no zip file, or its end is missing");
  const numEntries = tail.readUInt16LE(end + 10);
  const directoryBytes = tail.readUInt32LE(end + 12);
  const begin = tail.readUInt32LE(end + 16);
  if (numEntries === 0xffff || begin === 0xffffffff)
    throw new Failure("the archive is a zip64 file; unpack it by hand");
  if (begin + directoryBytes > archiveBytes) throw new Failure("the archive is damaged: its directory is cut off");
  const directory = await readAt(file, begin, begin + directoryBytes);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < numEntries; ) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      throw new Failure(`the archive is damaged: its directory has no entry ${entries.length + 1} of ${numEntries}`);
    }
    entries.push(readEntry(directory, at));
    at += ENTRY_BYTES + variableBytes(directory, at);
  }
  return entries;
}

/** Where an entry's data begin. */
export async function dataOffset(file: FileHandle, { name, offset }: ZipEntry): Promise<number> {
  const header = await readAt(file, offset, offset + LOCAL_BYTES);
  if (header.length < LOCAL_BYTES || header.readUInt32LE(0) !== LOCAL_SIGNATURE) {
    throw new Failure(`the archive is damaged: ${name} is not where its directory says`);
  }
  return offset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

/** Name, extra field and comment. */
function variableBytes(directory: Buffer, at: number): number {
  return directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
}

function readEntry(directory: Buffer, at: number): ZipEntry {
  const flags = directory.readUInt16LE(at + 8);
  const encoding = flags & UTF8_FLAG ? "utf8" : "latin1";
  const name = directory.toString(encoding, at + ENTRY_BYTES, at + ENTRY_BYTES + directory.readUInt16LE(at + 28));
  if (flags & ENCRYPTED_FLAG) throw new Failure(`the archive is encrypted: ${name}`);
  const system = directory.readUInt8(at + 5);
  const mode = directory.readUInt32LE(at + 38) >>> 16;
  return {
    name,
    isFolder: name.endsWith("/"),
    isLink: system === UNIX && (mode & FILE_TYPE) === LINK,
    method: directory.readUInt16LE(at + 10),
    crc32: directory.readUInt32LE(at + 16),
    compressedBytes: directory.readUInt32LE(at + 20),
    bytes: directory.readUInt32LE(at + 24),
    offset: directory.readUInt32LE(at + 42),
  };
}

/** Bytes [begin, end), or those that there are. */
export async function readAt(file: FileHandle, begin: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(end - begin);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, begin + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
