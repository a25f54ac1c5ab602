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
// Hexadecimal, not base64: bytes stay bytes, so gzip finds what the two variants share, and that is most of them; in pieces
// by turns, as it looks back no further than 32 kB.
const PIECE_BYTES = 8192;
const binaries = VARIANTS.map((variant) => readFileSync(`build/lowrank.${variant}.wasm`));
const numPieces = Math.ceil(Math.max(...binaries.map(({ length }) => length)) / PIECE_BYTES);
const pieces = Array.from({ length: numPieces }, (_, piece) =>
  binaries.map((bytes) => bytes.toString("hex", piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES)),
);
const worker = readFileSync("build/lowrank.worker.js", "utf8").trim();
const generated = `// Written by scripts/build-kernels.mjs from assembly/ and src/engine/worker.ts.
/** Pieces of the strict and of the relaxed kernels. */
export const WASM_PIECES: readonly (readonly [strict: string, relaxed: string])[] = ${JSON.stringify(pieces)};
export const WORKER_SOURCE = ${JSON.stringify(worker)};
`;
const path = "src/engine/wasm.generated.ts";
let current = "";
try {
  current = readFileSync(path, "utf8");
} catch {} // the first build
if (current !== generated) writeFileSync(path, generated);
