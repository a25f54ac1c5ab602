/** The package as it is, without a bundler: kernels that only a fit needs are loaded from files beside, with any module system. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "lowrank-on-demand-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A fit of every model that has kernels of its own, by a program that has taken `lowrank`. */
const FITS = `
  async function fits({ AlternatingLeastSquares, AutoRec, ImplicitALS, MatrixFactorization, load, syntheticRatings }) {
    const { interactions } = syntheticRatings({ numUsers: 60, numItems: 40, numRatings: 900, seed: 3 });
    const options = { epochs: 2, threads: 2, reproducible: true };
    const models = [
      new MatrixFactorization(options), new AlternatingLeastSquares(options),
      new ImplicitALS({ ...options, solver: "conjugateGradient" }), new AutoRec({ ...options, hidden: 8 }),
    ];
    for (const model of models) await model.fit(interactions, { onEpoch() {} });
    const again = await load(models[3].toBytes());
    return [...models, again].map((model) => model.recommend(1, { count: 1 })[0]);
  }
`;

/** Runs a program and gives what it has printed. */
function run(name: string, program: string): string {
  const file = join(folder, name);
  writeFileSync(file, program);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout;
}

const CJS = JSON.stringify(resolve("dist/index.cjs"));
const asModule = (library: string): string =>
  run(
    "fits.mjs",
    `import * as lowrank from ${JSON.stringify(library)}; ${FITS} console.log(JSON.stringify(await fits(lowrank)));`,
  );

test("import, require, and require where there is no import(), give the same", () => {
  const expected = asModule(resolve("dist/index.js"));
  expect(JSON.parse(expected)).toHaveLength(5);
  const required = `${FITS} fits(require(${CJS})).then((lists) => console.log(JSON.stringify(lists)));`;
  expect(run("fits.cjs", required)).toBe(expected);
  // As Jest does: modules are functions that a context of its own has compiled.
  const inContext = `
    const [{ readFileSync }, { createRequire }, vm] = [require("node:fs"), require("node:module"), require("node:vm")];
    function take(path) {
      const module = { exports: {} };
      const wrapped = "(function (module, exports, require) {" + readFileSync(path, "utf8") + "})";
      const within = (name) => (name.startsWith(".") ? take(require("node:path").resolve(path, "..", name)) : require(name));
      new vm.Script(wrapped, { filename: path }).runInThisContext()(module, module.exports, within);
      return module.exports;
    }
    ${FITS} fits(take(${CJS})).then((lists) => console.log(JSON.stringify(lists)));
  `;
  expect(run("context.cjs", inContext)).toBe(expected);
  expect(readFileSync("dist/index.cjs", "utf8")).not.toMatch(/\bimport\s*\(/);
});

test("without the files beside it serving works, and a fit says what is missing before it starts", () => {
  copyFileSync("dist/index.js", join(folder, "alone.mjs"));
  const output = run(
    "alone-fits.mjs",
    `
    import { AlternatingLeastSquares, MatrixFactorization, syntheticRatings } from "./alone.mjs";
    const { interactions } = syntheticRatings({ numUsers: 60, numItems: 40, numRatings: 900, seed: 3 });
    const given = { userIds: [1], itemIds: [1, 2], userFactors: [1, 2], itemFactors: [3, 1, 0, 2] };
    console.log(MatrixFactorization.fromFactors(given).predict(1, 1));
    let epochs = 0;
    const fit = new AlternatingLeastSquares().fit(interactions, { onEpoch: () => epochs++ });
    await fit.catch(({ message }) => console.log(epochs, message));
    `,
  );
  expect(output).toMatch(
    /^5\n0 the alternating kernels, a file of lowrank beside its index\.js, could not be loaded: /,
  );
});
