/** What the programs of lowrank share: the built package, and factors as the bench looks for them. */
import { writeFileSync } from "node:fs";
import type * as Package from "../../../src/index.js";

export { finish, readColumns, readRequest } from "./javascript-peer.js";

const ENTRY = new URL("../../../dist/index.js", import.meta.url);

/** The package as it is published. */
export const lowrank = (await import(ENTRY.href)) as typeof Package;

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
