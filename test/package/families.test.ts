/** A page carries the kernels that its model uses, in a chunk of their own where its bundler makes chunks; others are shaken off. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { rollup } from "rollup";
import { afterAll, describe, expect, test } from "vitest";
import type { Pieces } from "../../src/engine/kernel-family.js";
import { WASM_PIECES as ALTERNATING } from "../../src/engine/wasm-alternating.generated.js";
import { WASM_PIECES as AUTOREC } from "../../src/engine/wasm-autorec.generated.js";
import { WASM_PIECES as CORE } from "../../src/engine/wasm-core.generated.js";
import { WASM_PIECES as DESCENT } from "../../src/engine/wasm-descent.generated.js";

const FAMILIES: Record<string, Pieces> = { alternating: ALTERNATING, autorec: AUTOREC, core: CORE, descent: DESCENT };

const folder = mkdtempSync(join(tmpdir(), "lowrank-families-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function familiesIn(text: string): string[] {
  const isThere = ([first]: Pieces): boolean => first!.some((piece) => text.includes(piece)); // the last may be empty
  return Object.keys(FAMILIES).filter((name) => isThere(FAMILIES[name]!));
}

/** What esbuild makes of a page in one file. */
async function pageWith(names: readonly string[], entry = "dist/index.js"): Promise<string> {
  const library = JSON.stringify(resolve(entry));
  const contents = `import { ${names} } from ${library}; globalThis.used = [${names}];`;
  const options = { bundle: true, minify: true, format: "esm", target: "es2022", platform: "browser" } as const;
  const { outputFiles } = await build({ stdin: { contents, resolveDir: "." }, write: false, ...options });
  return outputFiles[0]!.text;
}

test.each([
  [["MatrixFactorization"], ["core", "descent"]],
  [["AlternatingLeastSquares"], ["alternating", "core"]],
  [
    ["ImplicitALS", "evaluate"],
    ["alternating", "core"],
  ],
  [["AutoRec"], ["autorec", "core"]],
  [["BiasModel"], ["core"]],
  [["load"], ["alternating", "autorec", "core", "descent"]],
  [["Interactions"], []],
])("a page with %j in one file", async (names, expected) => {
  expect(familiesIn(await pageWith(names))).toEqual(expected);
});

test("a page from the CommonJS module has all families", async () => {
  expect(familiesIn(await pageWith(["MatrixFactorization"], "dist/index.cjs"))).toEqual(Object.keys(FAMILIES));
});

describe("a page in chunks", () => {
  const PAGE = `
    import { MatrixFactorization, syntheticRatings } from ${JSON.stringify(resolve("dist/index.js"))};
    const { interactions } = syntheticRatings({ numUsers: 50, numItems: 40, numRatings: 900, seed: 3 });
    const model = await new MatrixFactorization({ epochs: 2, threads: 1 }).fit(interactions);
    console.log(model.recommend(1, { count: 3 }).length);
  `;

  /** The families in the entry and in the chunks that it names, and what it prints when it runs. */
  function look(chunks: string): { entry: string[]; named: string[]; output: string } {
    const entry = readFileSync(join(chunks, "page.mjs"), "utf8");
    const named = readdirSync(chunks).filter((name) => entry.includes(`/${name}`));
    const { stdout, stderr } = spawnSync(process.execPath, [join(chunks, "page.mjs")], { encoding: "utf8" });
    return {
      entry: familiesIn(entry),
      named: named.flatMap((name) => familiesIn(readFileSync(join(chunks, name), "utf8"))),
      output: stdout + stderr,
    };
  }

  const EXPECTED = { entry: ["core"], named: ["descent"], output: "3\n" };

  test("by esbuild", async () => {
    const outdir = join(folder, "esbuild");
    await build({
      stdin: { contents: PAGE, resolveDir: ".", sourcefile: "page.mjs" },
      ...{ bundle: true, splitting: true, minify: true, format: "esm", target: "es2022", platform: "browser" },
      ...{ outdir, entryNames: "page", outExtension: { ".js": ".mjs" } },
    });
    expect(look(outdir)).toEqual(EXPECTED);
  });

  test("by rollup, on which Vite builds", async () => {
    const dir = join(folder, "rollup");
    const page = { name: "page", resolveId: (id: string) => (id === "page" ? id : null), load: loadPage };
    const bundle = await rollup({ input: "page", plugins: [page] });
    await bundle.write({ dir, format: "es", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" });
    expect(look(dir)).toEqual(EXPECTED);
  });

  function loadPage(id: string): string | null {
    return id === "page" ? PAGE : null;
  }
});
