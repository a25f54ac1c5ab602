/**
 * Checks the package as it would be published: publint, are-the-types-wrong, and the size of what a page loads: one that
 * uses a model, from a bundler, in one piece with what it would load on demand; and one that takes everything as it is, which
 * has the kernels of the core and loads others with the first fit. A page must have the kernels of its model's families and
 * no others.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/** Of a page that reads interactions, fits one model, predicts and recommends. */
const MOST_BYTES_OF_A_PAGE = 60_000;
/** Of all models, loading, saving and evaluation together. */
const MOST_BYTES_OF_ALL = 75_000;
/** The families of kernels that each model uses. */
const MODELS = {
  MatrixFactorization: ["core", "descent"],
  AlternatingLeastSquares: ["alternating", "core"],
  ImplicitALS: ["alternating", "core"],
  AutoRec: ["autorec", "core"],
  BiasModel: ["core"],
  GlobalMean: ["core"],
};
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

const zippedBytes = (code) => gzipSync(code, { level: 9 }).length;

function checkSize(what, code, mostBytes) {
  const bytes = zippedBytes(code);
  console.log(`${what}: ${bytes} bytes with gzip, at most ${mostBytes}`);
  broken ||= bytes > mostBytes;
}

/** What a bundler makes of a page with this code. */
async function bundle(contents) {
  const stdin = { contents, resolveDir: "." };
  const options = { bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", write: false };
  const { outputFiles } = await build({ stdin, ...options });
  return outputFiles[0].contents;
}

/** The first, long pieces of every family's text, by its name. The last may be next to nothing, and anywhere. */
const texts = readdirSync("assembly/families").map((file) => {
  const family = file.replace(/\.ts$/, "");
  const [pieces] = readFileSync(`src/engine/wasm-${family}.generated.ts`, "utf8").match(/\[\[".*"\]\]/);
  return [family, JSON.parse(pieces)[0]];
});

function checkFamilies(what, code, wanted) {
  const page = Buffer.from(code).toString();
  const found = texts.filter(([, pieces]) => pieces.some((piece) => page.includes(piece))).map(([family]) => family);
  if (found.join() === wanted.join()) return;
  console.log(`${what} has the kernels of ${found}, not of ${wanted} alone`);
  broken = true;
}

for (const [model, families] of Object.entries(MODELS)) {
  const what = `a page with ${model}`;
  const code = `import { Interactions, ${model} } from "./dist/index.js"; globalThis.used = [Interactions, ${model}];`;
  const page = await bundle(code);
  checkSize(what, page, MOST_BYTES_OF_A_PAGE);
  checkFamilies(what, page, families);
}
for (const file of ["dist/index.js", "dist/index.cjs"]) {
  const code = readFileSync(file);
  checkSize(file, code, MOST_BYTES_OF_ALL);
  checkFamilies(file, code, ["core"]);
}
for (const name of readdirSync("dist").filter((each) => each.startsWith("kernels-"))) {
  console.log(`dist/${name}, on demand: ${zippedBytes(readFileSync(`dist/${name}`))} bytes with gzip`);
}
process.exit(broken ? 1 : 0);
