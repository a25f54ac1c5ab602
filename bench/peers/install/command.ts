/** Commands that install and build: their output is kept, not shown. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** @throws with `stderr` if the command fails or is not there. */
export async function command(name: string, parameters: readonly string[], folder?: string): Promise<string> {
  const options = { maxBuffer: 2 ** 26, ...(folder === undefined ? {} : { cwd: folder }) };
  return (await promisify(execFile)(name, parameters, options)).stdout;
}
