/** A page carries the kernels that its model uses: the text of any other family is shaken off by the bundler. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AUTOREC_KERNELS } from "../../src/engine/autorec-kernels.js";
import { CORE_KERNELS } from "../../src/engine/kernels.js";

const folder = mkdtempSync(join(tmpdir(), "lowrank-families-"));
const library = join(folder, "library.js");
const OPTIONS = { bundle: true, minify: true, format: "esm", target: "es2022", platform: "neutral" } as const;

/** Bundles a module of this text and gives what became of it. */
async function bundle(contents: string, outfile: string, options: BuildOptions = {}): Promise<string> {
  await build({ stdin: { contents, resolveDir: "." }, outfile, ...OPTIONS, ...options });
  return readFileSync(outfile, "utf8");
}

// As dist/index.js is made, with a family beside it that no bundler may take for used.
beforeAll(async () => {
  const text = await bundle(
    `export * from "./src/index.ts"; export { AUTOREC_KERNELS } from "./src/engine/autorec-kernels.ts";`,
    library,
    { mainFields: ["module", "main"] },
  );
  expect(hasPieces(text)).toEqual({ core: true, autorec: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hasPieces(text: string) {
  const has = ({ pieces }: typeof CORE_KERNELS | typeof AUTOREC_KERNELS): boolean => {
    return pieces.flat().some((piece) => text.includes(piece));
  };
  return { core: has(CORE_KERNELS), autorec: has(AUTOREC_KERNELS) };
}

test.each([
  [["MatrixFactorization"], { core: true, autorec: false }],
  [["ImplicitALS", "load", "evaluate"], { core: true, autorec: false }],
  [["MatrixFactorization", "AUTOREC_KERNELS"], { core: true, autorec: true }],
  [["Interactions"], { core: false, autorec: false }],
])("a page with %j", async (names, expected) => {
  const list = names.join();
  const page = await bundle(
    `import { ${list} } from ${JSON.stringify(library)}; globalThis.used = [${list}];`,
    join(folder, "page.js"),
  );
  expect(hasPieces(page)).toEqual(expected);
});
