/**
 * Builds dist/: the library as one ES module and one CommonJS module with their types, beside each the text of the kernels
 * that it loads on demand; the worker and the kernels as files of their own, the command line with its dependencies inside,
 * and the licences of what is bundled.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { minify } from "terser";
import "./build-kernels.mjs";

const common = {
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
};

/** Families whose text the library imports on demand. */
const apart = new Set();

/** Leaves each of them to a file kernels-FAMILY beside the library, which names it so that a bundler sees it. */
const kernelsApart = (extension) => ({
  name: "kernels-apart",
  setup({ onResolve }) {
    onResolve({ filter: /\/wasm-\w+\.generated\.js$/ }, ({ path, kind }) => {
      if (kind !== "dynamic-import") return undefined;
      const [, family] = path.match(/wasm-(\w+)/);
      apart.add(family);
      return { path: `./kernels-${family}.${extension}`, external: true };
    });
  },
});

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
const library = {
  ...common,
  entryPoints: ["src/index.ts"],
  // At the very front: between pieces of code the text of the kernels would spoil gzip's tables for both, by 2%.
  inject: ["src/engine/kernels.ts"],
  platform: "neutral",
  mainFields: ["module", "main"],
};
const esm = { ...library, format: "esm" };
// Jest and other hosts that run CommonJS in a context of their own have no import(): there it is a promise of require.
const cjs = { ...library, format: "cjs", supported: { "dynamic-import": false } };
const results = await Promise.all([
  build({ ...esm, outfile: "dist/index.js", plugins: [kernelsApart("js")] }),
  build({ ...cjs, outfile: "dist/index.cjs", plugins: [kernelsApart("cjs")] }),
  build({
    ...common,
    entryPoints: ["src/cli/main.ts"],
    platform: "node",
    format: "esm",
    // Some of the command line's dependencies are CommonJS and ask for Node's own modules by `require`.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module";\nconst require = requireFrom(import.meta.url);',
    },
    outfile: "dist/cli.js",
  }),
]);
for (const file of ["dist/index.js", "dist/index.cjs"]) await shrink(file);
for (const family of apart) {
  const text = { ...common, entryPoints: [`src/engine/wasm-${family}.generated.ts`] };
  await build({ ...text, format: "esm", outfile: `dist/kernels-${family}.js` });
  await build({ ...text, format: "cjs", outfile: `dist/kernels-${family}.cjs` });
}
copyFileSync("build/lowrank.worker.js", "dist/worker.js");
for (const variant of ["strict", "relaxed"]) {
  copyFileSync(`build/lowrank.${variant}.wasm`, `dist/lowrank.${variant}.wasm`);
}
await writeTypes();
writeLicences(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)));

/**
 * What a page loads is minified once more: terser looks longer than esbuild does, and takes a thirtieth off. Functions stay
 * apart also where there is one caller: inside it, a bundler could not leave them out with their other half.
 */
async function shrink(file) {
  const { code } = await minify(readFileSync(file, "utf8"), {
    module: file.endsWith(".js"),
    compress: { ecma: 2022, passes: 3, toplevel: true, reduce_funcs: false },
    mangle: { toplevel: true },
    format: { ecma: 2022 },
  });
  writeFileSync(file, code);
}

async function writeTypes() {
  const bundle = await rollup({ input: "src/index.ts", plugins: [dts()] });
  await bundle.write({ file: "dist/index.d.ts", format: "es" });
  await bundle.close();
  copyFileSync("dist/index.d.ts", "dist/index.d.cts");
}

/** Every package whose code is in dist, with its licence. */
function writeLicences(inputs) {
  const folders = new Set(inputs.flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));
  const notices = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md", "LICENSE.txt", "license"].map((each) => join(folder, each)).find(existsSync);
    return `${name} ${version} (${license})\n\n${file ? readFileSync(file, "utf8").trim() : `See its package for the text of ${license}.`}\n`;
  });
  writeFileSync("dist/THIRD-PARTY-LICENSES.txt", notices.join(`\n${"-".repeat(80)}\n\n`));
}
