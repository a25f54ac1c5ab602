/**
 * Compiles assembly/ for strict and for relaxed SIMD (see asconfig.json): all kernels to the files that the package
 * exports, and every family of assembly/families/ to a module of its own, written as text into
 * src/engine/wasm-FAMILY.generated.ts, so that the library needs no file beside itself and a page takes the families it
 * uses. Bundles the worker to one script, into src/engine/wasm.generated.ts with what the texts are written in.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { build } from "esbuild";

const VARIANTS = ["strict", "relaxed"];
const FAMILIES = readdirSync("assembly/families").map((file) => file.replace(/\.ts$/, ""));

const begun = new Date();
const sources = readdirSync("assembly", { recursive: true }).map((file) => join("assembly", file));
/** When what the binaries are made of was last changed. */
const changed = newest([...sources, "asconfig.json", "package-lock.json", "scripts/build-kernels.mjs"]);

function newest(paths) {
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}

/** Compiles an entry file to build/NAME.VARIANT.wasm, unless that is newer than all it could be made of. */
async function compile(entry, name, variant) {
  const outFile = `build/${name}.${variant}.wasm`;
  if (existsSync(outFile) && newest([outFile]) > changed) return;
  const { error, stderr } = await asc.main([entry, "--target", variant, "--outFile", outFile]);
  if (error) {
    process.stderr.write(stderr.toString());
    throw new Error(`asc failed for the ${variant} build of ${entry}: ${error.message}`);
  }
  utimesSync(outFile, begun, begun); // what is saved while it compiles may have come too late
}

mkdirSync("build", { recursive: true });
for (const variant of VARIANTS) {
  await compile("assembly/index.ts", "lowrank", variant);
  for (const family of FAMILIES) await compile(`assembly/families/${family}.ts`, family, variant);
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
// most of them; in pieces by turns, as it looks back no further than 32 kB. src/engine/kernel-family.ts reads it.
const PIECE_BYTES = 10240;
const ALPHABET = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).filter(
  (each) => !'"\\$`<'.includes(each),
);
const SINGLES = ALPHABET.length - 2; // the last two stand before a second character

function encode(bytes) {
  return Array.from(bytes, (byte) => {
    const value = (byte + 3) & 255; // 0xfd, which begins every SIMD instruction, is 0
    if (value < SINGLES) return ALPHABET[value];
    return ALPHABET[SINGLES + Math.floor((value - SINGLES) / SINGLES)] + ALPHABET[(value - SINGLES) % SINGLES];
  }).join("");
}

/** A family's binaries as text: pieces of the strict and of the relaxed one. */
function piecesOf(family) {
  const binaries = VARIANTS.map((variant) => readFileSync(`build/${family}.${variant}.wasm`));
  const numPieces = Math.ceil(Math.max(...binaries.map(({ length }) => length)) / PIECE_BYTES);
  return Array.from({ length: numPieces }, (_, piece) =>
    binaries.map((bytes) => encode(bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES))),
  );
}

function writeIfChanged(path, text) {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}

for (const family of FAMILIES) {
  writeIfChanged(
    `src/engine/wasm-${family}.generated.ts`,
    `// Written by scripts/build-kernels.mjs from assembly/families/${family}.ts.
/** Pieces of the strict and of the relaxed kernels. */
export const WASM_PIECES: readonly (readonly [strict: string, relaxed: string])[] = ${JSON.stringify(piecesOf(family))};
`,
  );
}
writeIfChanged(
  "src/engine/wasm.generated.ts",
  `// Written by scripts/build-kernels.mjs from src/engine/worker.ts.
/** What the pieces are written in. */
export const WASM_ALPHABET = ${JSON.stringify(ALPHABET.join(""))};
export const WORKER_SOURCE = ${JSON.stringify(readFileSync("build/lowrank.worker.js", "utf8").trim())};
`,
);
