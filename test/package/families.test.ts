/** A page carries the kernels that its model uses: the text of any other family is shaken off by the bundler. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ALTERNATING_KERNELS } from "../../src/engine/alternating-kernels.js";
import { AUTOREC_KERNELS } from "../../src/engine/autorec-kernels.js";
import { DESCENT_KERNELS } from "../../src/engine/descent-kernels.js";
import { CORE_KERNELS } from "../../src/engine/kernels.js";

const folder = mkdtempSync(join(tmpdir(), "lowrank-families-"));
const library = join(folder, "library.js");
const OPTIONS = { bundle: true, minify: true, format: "esm", target: "es2022", platform: "neutral" } as const;

/** Bundles a module of this text and gives what became of it. */
async function bundle(contents: string, outfile: string, options: BuildOptions = {}): Promise<string> {
  await build({ stdin: { contents, resolveDir: "." }, outfile, ...OPTIONS, ...options });
  return readFileSync(outfile, "utf8");
}

// As dist/index.js is made.
beforeAll(async () => {
  const text = await bundle(`export * from "./src/index.ts";`, library, { mainFields: ["module", "main"] });
  expect(familiesIn(text)).toEqual(["alternating", "autorec", "core", "descent"]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function familiesIn(text: string): string[] {
  return [ALTERNATING_KERNELS, AUTOREC_KERNELS, CORE_KERNELS, DESCENT_KERNELS]
    .filter(({ pieces }) => pieces.flat().some((piece) => text.includes(piece)))
    .map(({ name }) => name);
}

test.each([
  [["MatrixFactorization"], ["core", "descent"]],
  [
    ["ImplicitALS", "evaluate"],
    ["alternating", "core"],
  ],
  [["AutoRec"], ["autorec", "core"]],
  [["BiasModel"], ["core"]],
  [["load"], ["alternating", "autorec", "core", "descent"]],
  [["Interactions"], []],
])("a page with %j", async (names, expected) => {
  const list = names.join();
  const page = await bundle(
    `import { ${list} } from ${JSON.stringify(library)}; globalThis.used = [${list}];`,
    join(folder, "page.js"),
  );
  expect(familiesIn(page)).toEqual(expected);
});
