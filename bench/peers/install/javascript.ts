import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.js";
import { folderSize } from "./folder-size.js";

/** A project with the packages and nothing else. @returns the bytes that they and what they need take. */
export async function installJavascript(folder: string, packages: readonly string[]) {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  await command("npm", ["install", "--no-audit", "--no-fund", "--no-save", "--loglevel", "error", ...packages], folder);
  return { installBytes: folderSize(join(folder, "node_modules")) };
}
