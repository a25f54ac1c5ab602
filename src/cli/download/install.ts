/** A data set of the web → a folder of the disk: wholly there, or not at all. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DownloadBar } from "../byte-bars.js";
import { Failure, reasonOf } from "../failure.js";
import type { Context } from "../output.js";
import { bytes as inBytes } from "../quantities.js";
import type { DataSet } from "./catalog.js";
import { type FetchedFile, fetchFile, fetchText } from "./fetch-archive.js";
import { unpack } from "./unpack.js";

export interface Place {
  /** Ends in a slash. */
  baseUrl: string;
  /** The folder that gets the data set's folder. */
  folder: string;
  /** Whether a folder that is there may be replaced. */
  force: boolean;
}

/** @returns the data set's folder */
export async function install(dataSet: DataSet, place: Place, context: Context): Promise<string> {
  const target = join(place.folder, dataSet.name);
  if (existsSync(target) && !place.force) throw new Failure(`${target} is there already; --force replaces it`);
  let workFolder: string | undefined;
  try {
    await mkdir(place.folder, { recursive: true });
    workFolder = await mkdtemp(join(place.folder, ".lowrank-download-"));
    const archive = await fetchChecked(dataSet, place, workFolder, context);
    const unpacked = await unpackArchive(dataSet, archive, workFolder, context);
    await putInPlace(unpacked, target, join(workFolder, "replaced"));
  } catch (error) {
    if (error instanceof Failure || context.signal.aborted) throw error;
    throw new Failure(`cannot write to ${place.folder}: ${reasonOf(error)}`, { cause: error });
  } finally {
    if (workFolder) await rm(workFolder, { recursive: true, force: true });
  }
  return target;
}

/** The archive's path. @throws {Failure} unless it is, byte for byte, what was published */
async function fetchChecked(dataSet: DataSet, place: Place, workFolder: string, context: Context): Promise<string> {
  const { output, signal } = context;
  const url = new URL(`${dataSet.name}.zip`, place.baseUrl).href;
  const expected = dataSet.md5 ?? (await publishedChecksum(`${url}.md5`, place, signal));
  output.note(`Downloading ${url} (about ${inBytes(dataSet.archiveBytes)})`);
  const archive = join(workFolder, "archive.zip");
  const bar = output.drawsProgress ? new DownloadBar("downloading", dataSet.archiveBytes) : undefined;
  let fetched: FetchedFile;
  try {
    fetched = await fetchFile(url, archive, place, signal, (done, all) => bar?.show(done, all));
  } finally {
    bar?.stop();
  }
  if (fetched.md5 === expected) return archive;
  const got = `expected ${expected}, got ${fetched.md5} of ${fetched.bytes} bytes`;
  throw new Failure(`the MD5 checksum of ${url} is wrong: ${got}; try again, or another --base-url`);
}

/** What stands in an .md5 file: `MD5 (name) = sum`, or `sum  name`. */
async function publishedChecksum(url: string, place: Place, signal: AbortSignal): Promise<string> {
  const text = await fetchText(url, place, signal);
  const [sum] = /\b[0-9a-f]{32}\b/i.exec(text) ?? [];
  if (sum === undefined) throw new Failure(`${url} has no MD5 checksum, got ${JSON.stringify(text.slice(0, 60))}`);
  return sum.toLowerCase();
}

/** The folder that has the data set's files. */
async function unpackArchive(
  dataSet: DataSet,
  archive: string,
  workFolder: string,
  { output, signal }: Context,
): Promise<string> {
  const folder = join(workFolder, "unpacked");
  await mkdir(folder);
  const bar = output.drawsProgress ? new DownloadBar("unpacking", 1) : undefined;
  try {
    await unpack(archive, folder, signal, (done, all) => bar?.show(done, all));
  } finally {
    bar?.stop();
  }
  const names = await readdir(folder);
  const inner = names.length === 1 ? join(folder, names[0]!) : folder; // ml-10m.zip has ml-10M100K/
  if (existsSync(join(inner, dataSet.ratingsFile))) return inner;
  throw new Failure(
    `the archive of ${dataSet.name} has no ${dataSet.ratingsFile}, got ${names.join(", ") || "nothing"}`,
  );
}

/** Renames `source` to `target`; what was there goes aside, and comes back if that fails. */
async function putInPlace(source: string, target: string, aside: string): Promise<void> {
  const isReplacing = existsSync(target);
  if (isReplacing) await rename(target, aside);
  try {
    await rename(source, target);
  } catch (error) {
    if (isReplacing) await rename(aside, target);
    throw error;
  }
}
