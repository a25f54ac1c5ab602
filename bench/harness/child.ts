/** Fresh processes, for what a process's past would change: peak memory, start-up. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Runs a script in a process of its own, TypeScript with this process's loaders, and returns the JSON it prints. */
export async function runChild<Result>(script: URL, argument: unknown): Promise<Result> {
  const loaders = script.pathname.endsWith(".ts") ? process.execArgv : [];
  const parameters = [...loaders, fileURLToPath(script), JSON.stringify(argument)];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as Result;
}
