import { join } from "node:path";
import { command } from "./command.js";
import { folderSize } from "./folder-size.js";

/** The Python that makes the environments: `LOWRANK_PEERS_PYTHON`, or python3. */
const PYTHON = process.env["LOWRANK_PEERS_PYTHON"] ?? "python3";

export const interpreterOf = (folder: string): string => join(folder, "bin", "python");

/** A virtual environment with the packages. @returns the bytes that they and what they need take. */
export async function installPython(folder: string, packages: readonly string[]) {
  await command(PYTHON, ["-m", "venv", folder]);
  const empty = folderSize(folder);
  const quietly = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"];
  await command(interpreterOf(folder), ["-m", "pip", "install", ...quietly, ...packages]);
  const interpreter = (await command(interpreterOf(folder), ["--version"])).trim();
  return { installBytes: folderSize(folder) - empty, interpreter };
}
