/** Checks the package as it would be published: publint, are-the-types-wrong, and the size of what a page loads. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const MOST_GZIP_BYTES = 60_000;
let broken = false;

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { messages } = await publint({ strict: true });
for (const message of messages) console.log(`publint: ${formatMessage(message, manifest)}`);
broken ||= messages.length > 0;

// The worker and the kernels are files to be served, not modules with types.
const files = ["./worker", "./lowrank.strict.wasm", "./lowrank.relaxed.wasm"];
const attw = ["node_modules/.bin/attw", "--pack", ".", "--no-emoji", "--exclude-entrypoints", ...files];
broken ||= spawnSync(process.execPath, attw, { stdio: "inherit" }).status !== 0;
for (const name of readdirSync(".")) if (name.endsWith(".tgz")) rmSync(name);

for (const file of ["dist/index.js", "dist/index.cjs"]) {
  const bytes = gzipSync(readFileSync(file), { level: 9 }).length;
  console.log(`${file}: ${bytes} bytes with gzip, at most ${MOST_GZIP_BYTES}`);
  broken ||= bytes > MOST_GZIP_BYTES;
}
process.exit(broken ? 1 : 0);
