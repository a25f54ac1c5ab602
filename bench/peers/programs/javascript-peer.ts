/** What the programs in JavaScript share: the request, the data, the result, and the peer from its folder. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { peakMemory } from "../../harness/peak-memory.js";
import type { DataSet } from "../data-sets.js";

export const readRequest = <Request>(): Request => JSON.parse(process.argv[2]!) as Request;

const bytesOf = (path: string): ArrayBuffer => new Uint8Array(readFileSync(path)).buffer;

/** A file of float32. */
export const readFloats = (path: string): Float32Array => new Float32Array(bytesOf(path));

export function readColumns({ folder }: DataSet, part: "train" | "test") {
  const bytes = (column: string) => bytesOf(`${folder}/${part}-${column}.bin`);
  const [users, items] = ["users", "items"].map((column) => new Int32Array(bytes(column))) as [Int32Array, Int32Array];
  return { users, items, values: new Float32Array(bytes("values")) };
}

/** Tells the bench that the work begins now. */
export function begin(): void {
  console.log("BEGIN");
}

/** Prints the result, and with it the peak of resident memory unless the result tells it. */
export function finish(result: object): void {
  console.log(`RESULT ${JSON.stringify({ peakMemoryBytes: peakMemory(), ...result })}`);
}

/** A peer's package, from the folder that holds the peer. */
export async function importPeer<Package>(folder: string, name: string): Promise<Package> {
  const path = createRequire(join(folder, "package.json")).resolve(name);
  return (await import(pathToFileURL(path).href)) as Package;
}
