import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Bytes of the files of a folder and of those in it; a link counts as itself, not as what it names. */
export function folderSize(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? folderSize(path) : lstatSync(path).size;
  }
  return bytes;
}
