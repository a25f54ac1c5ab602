/** What the programs of lowrank share: the built package, the data, the result. */
import { readFileSync, writeFileSync } from "node:fs";
import type * as Package from "../../../src/index.js";
import { peakMemory } from "../../harness/peak-memory.js";
import type { DataSet } from "../data-sets.js";

const ENTRY = new URL("../../../dist/index.js", import.meta.url);

/** The package as it is published. */
export const lowrank = (await import(ENTRY.href)) as typeof Package;

export const readRequest = <Request>(): Request => JSON.parse(process.argv[2]!) as Request;

export function readColumns({ folder }: DataSet, part: "train" | "test") {
  const bytes = (column: string) => new Uint8Array(readFileSync(`${folder}/${part}-${column}.bin`)).buffer;
  const [users, items] = ["users", "items"].map((column) => new Int32Array(bytes(column))) as [Int32Array, Int32Array];
  return { users, items, values: new Float32Array(bytes("values")) };
}

/** Prints the result, and with it the peak of resident memory. */
export function finish(result: object): void {
  console.log(`RESULT ${JSON.stringify({ peakMemoryBytes: peakMemory(), ...result })}`);
}

/** Writes a side's rows where the bench looks for them, in the order of the data's indices; rows without data are 0. */
export function writeRows(
  path: string,
  side: { row(index: number): Float32Array },
  ids: Package.IdIndex,
  numRows: number,
  width: number,
): void {
  const rows = new Float32Array(numRows * width);
  for (let index = 0; index < ids.size; index++) rows.set(side.row(index), (ids.idAt(index) as number) * width);
  writeFileSync(path, rows);
}
