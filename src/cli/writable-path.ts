/** Whether results can go where they are to go: asked before the work, which may take long, and not after it. */
import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure, reasonOf, UsageError } from "./failure.js";

/** What is at a path that may be written to. */
export type Place = "nothing" | "file" | "device";

type Stats = Awaited<ReturnType<typeof stat>>;

/**
 * @param flag that names the path
 * @param inputs files that are read, none of which may be replaced
 * @throws {Failure} if nothing can be written there; {UsageError} if it is one of the inputs
 */
export async function checkWritable(path: string, flag: string, inputs: readonly string[]): Promise<Place> {
  const target = await statOf(path);
  if (target?.isDirectory()) throw new Failure(`cannot write ${path}: it is a folder`);
  for (const input of inputs) {
    const read = await statOf(input);
    if (target?.isFile() && read && read.dev === target.dev && read.ino === target.ino) {
      throw new UsageError(`${flag} must be another file than those that are read, got ${path}`);
    }
  }
  if (target && !target.isFile()) return "device";
  const folder = dirname(path);
  if (!(await statOf(folder))?.isDirectory()) throw new Failure(`cannot write ${path}: there is no folder ${folder}`);
  try {
    await access(folder, constants.W_OK);
    if (target) await access(path, constants.W_OK);
  } catch (cause) {
    throw new Failure(`cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
  return target ? "file" : "nothing";
}

function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}
