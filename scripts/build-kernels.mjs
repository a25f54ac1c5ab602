/**
 * Compiles assembly/ twice (strict and relaxed SIMD, see asconfig.json), bundles the worker to one script, and writes
 * all three as text into src/engine/wasm.generated.ts, so that the library needs no file beside itself.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { build } from "esbuild";

const VARIANTS = ["strict", "relaxed"];

mkdirSync("build", { recursive: true });
for (const variant of VARIANTS) {
  const { error, stderr } = await asc.main(["--target", variant]);
  if (error) {
    process.stderr.write(stderr.toString());
    throw new Error(`asc failed for the ${variant} build: ${error.message}`);
  }
}
await build({
  entryPoints: ["src/engine/worker.ts"],
  outfile: "build/lowrank.worker.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
});
// Hexadecimal, not base64: bytes stay bytes, so gzip finds what the two variants share, and that is most of them.
const [strict, relaxed] = VARIANTS.map((variant) => readFileSync(`build/lowrank.${variant}.wasm`).toString("hex"));
const worker = readFileSync("build/lowrank.worker.js", "utf8").trim();
const generated = `// Written by scripts/build-kernels.mjs from assembly/ and src/engine/worker.ts.
export const WASM_HEX = {
  strict: ${JSON.stringify(strict)},
  relaxed: ${JSON.stringify(relaxed)},
} as const;
export const WORKER_SOURCE = ${JSON.stringify(worker)};
`;
const path = "src/engine/wasm.generated.ts";
let current = "";
try {
  current = readFileSync(path, "utf8");
} catch {} // the first build
if (current !== generated) writeFileSync(path, generated);
