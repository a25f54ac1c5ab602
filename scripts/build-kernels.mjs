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
// One character for most bytes and never part of two, unlike base64: so gzip finds what the two variants share, and that is
// most of them; in pieces by turns, as it looks back no further than 32 kB. src/engine/kernels.ts reads it.
const PIECE_BYTES = 8192;
const ALPHABET = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).filter(
  (each) => !'"\\$`<'.includes(each),
);
const SINGLES = ALPHABET.length - 2; // the last two stand before a second character
const encode = (bytes) =>
  Array.from(bytes, (byte) => {
    const value = (byte + 3) & 255; // 0xfd, which begins every SIMD instruction, is 0
    if (value < SINGLES) return ALPHABET[value];
    return ALPHABET[SINGLES + Math.floor((value - SINGLES) / SINGLES)] + ALPHABET[(value - SINGLES) % SINGLES];
  }).join("");
const binaries = VARIANTS.map((variant) => readFileSync(`build/lowrank.${variant}.wasm`));
const numPieces = Math.ceil(Math.max(...binaries.map(({ length }) => length)) / PIECE_BYTES);
const pieces = Array.from({ length: numPieces }, (_, piece) =>
  binaries.map((bytes) => encode(bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES))),
);
const worker = readFileSync("build/lowrank.worker.js", "utf8").trim();
const generated = `// Written by scripts/build-kernels.mjs from assembly/ and src/engine/worker.ts.
/** What the pieces are written in. */
export const WASM_ALPHABET = ${JSON.stringify(ALPHABET.join(""))};
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
