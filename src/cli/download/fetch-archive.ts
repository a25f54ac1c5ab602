/** A file of the web → a file of the disk, as it comes, with its checksum. */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { Failure, reasonOf } from "../failure.js";

export interface FetchedFile {
  bytes: number;
  /** In hexadecimal, lower case. */
  md5: string;
}

/** Bytes so far, and all, where the server tells. */
export type FetchProgress = (bytes: number, totalBytes: number | undefined) => void;

/** What messages say to do instead. */
export interface ByHand {
  /** The folder that the archive is to be unpacked in. */
  folder: string;
}

/** Streams `url` into a new file. @throws {Failure} that names the URL and what went wrong; the signal's reason */
export async function fetchFile(
  url: string,
  path: string,
  byHand: ByHand,
  signal: AbortSignal,
  onProgress: FetchProgress,
): Promise<FetchedFile> {
  const response = await request(url, byHand, signal);
  const length = response.headers.get("content-encoding") === null ? response.headers.get("content-length") : null;
  const totalBytes = length === null ? undefined : Number(length);
  const file = await open(path, "wx");
  const hash = createHash("md5");
  let bytes = 0;
  try {
    for await (const chunk of chunksOf(response, signal, () => shortfall(url, bytes, totalBytes))) {
      await writeAll(file, chunk);
      hash.update(chunk);
      bytes += chunk.length;
      onProgress(bytes, totalBytes);
    }
  } finally {
    await file.close();
  }
  if (totalBytes !== undefined && bytes !== totalBytes) throw new Failure(shortfall(url, bytes, totalBytes));
  return { bytes, md5: hash.digest("hex") };
}

/** A short text of the web. @throws {Failure} as `fetchFile` */
export async function fetchText(url: string, byHand: ByHand, signal: AbortSignal): Promise<string> {
  const response = await request(url, byHand, signal);
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(response, signal, () => `${url} ended early`)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function request(url: string, { folder }: ByHand, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const advice = `to fetch it by hand: download ${url.replace(/\.md5$/, "")} and unpack it in ${folder === "." ? "this folder" : folder}`;
    throw new Failure(`cannot reach ${url}: ${reasonOf(cause)} (${advice})`, { cause });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw new Failure(`${url}: HTTP status ${response.status} ${response.statusText}`.trimEnd());
}

/** The body's chunks. @param ended what to say if it breaks off */
async function* chunksOf(response: Response, signal: AbortSignal, ended: () => string): AsyncGenerator<Uint8Array> {
  const reader = response.body!.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw signal.aborted ? signal.reason : new Failure(`${ended()}: ${reasonOf(cause)}`, { cause });
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {}); // what is left is of no use after a failure
  }
}

function shortfall(url: string, bytes: number, totalBytes: number | undefined): string {
  const of = totalBytes === undefined ? "" : ` of ${totalBytes}`;
  return `the download of ${url} ended early, after ${bytes}${of} bytes; try again`;
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await file.write(chunk, written)).bytesWritten;
  }
}
