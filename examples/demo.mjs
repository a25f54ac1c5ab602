/**
 * npm run demo                        installs and builds what is missing, then fits made-up ratings
 * npm run demo -- --ratings FILE      the same on a file of ratings; further options are those of `lowrank train`
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Runs a command of this project and ends with its code if it fails. */
function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const npm = (...args) => run("npm", args, { cwd: root, shell: process.platform === "win32" });

/** When the newest of the files below a folder was written. */
function newest(folder) {
  const times = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".generated.ts"))
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs);
  return Math.max(...times);
}

function isBuilt() {
  const entry = join(root, "dist", "cli.js");
  if (!existsSync(entry)) return false;
  const built = statSync(entry).mtimeMs;
  return ["src", "assembly", "scripts"].every((folder) => newest(join(root, folder)) <= built);
}

if (!existsSync(join(root, "node_modules", "esbuild"))) {
  console.log("Installing the packages that building lowrank needs …");
  npm("ci", "--silent");
}
if (!isBuilt()) {
  console.log("Building the kernels and the library …");
  npm("run", "--silent", "build");
}

const args = process.argv.slice(2);
const at = args.indexOf("--ratings");
if (at < 0) run(process.execPath, [join(root, "examples", "planted-ratings.mjs"), ...args]);
else {
  const [, file, ...rest] = args.splice(at);
  if (!file) {
    console.error("--ratings must be followed by the path of a CSV file, such as ratings.csv");
    process.exit(2);
  }
  run(process.execPath, [join(root, "dist", "cli.js"), "train", file, ...args, ...rest]);
}
