/** Saving a model, and from its file to the first answer in fresh processes with the built package. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { syntheticRatings } from "../../src/data/synthetic.js";
import { type Id, load, MatrixFactorization, type SaveOptions } from "../../src/index.js";
import { runChild } from "../harness/child.js";
import { checksum, median, minimum } from "../harness/statistics.js";
import type { BenchCase, Competitor, Suite } from "../harness/suite.js";
import { startFactors } from "../harness/triples.js";

const ENTRY = new URL("../../dist/index.js", import.meta.url);
const FACTORS = 64;
const COUNT = 10;

/** When each step was done, in ms since the process began, and the first answer. */
interface Steps {
  started: number;
  imported: number;
  loaded: number;
  answered: number;
  list: { itemId: Id; score: number }[];
}

interface Sizes {
  numUsers: number;
  numItems: number;
  numRatings: number;
}

/** A model and how it is saved. */
interface ModelFile {
  name: string;
  model: MatrixFactorization;
  path: string;
  options: SaveOptions;
}

function givenModel({ numUsers, numItems }: Sizes, idOf: (prefix: string, number: number) => Id): MatrixFactorization {
  const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => idOf(prefix, index + 1));
  return MatrixFactorization.fromFactors({
    userIds: ids("user-", numUsers),
    itemIds: ids("item-", numItems),
    userFactors: startFactors(numUsers * FACTORS, 0.5, 1),
    itemFactors: startFactors(numItems * FACTORS, 0.5, 2),
    itemBias: startFactors(numItems, 0.5, 3),
  });
}

async function makeFiles(folder: string, sizes: Sizes): Promise<ModelFile[]> {
  const numbered = givenModel(sizes, (_, number) => number);
  const named = givenModel(sizes, (prefix, number) => prefix + number);
  const { interactions } = syntheticRatings({ ...sizes, seed: 1 });
  const fitted = await new MatrixFactorization({ factors: FACTORS, epochs: 1, seed: 1 }).fit(interactions);
  return [
    { name: "number ids", model: numbered, options: {} },
    { name: "string ids", model: named, options: {} },
    { name: "number ids, float16", model: numbered, options: { float16: true } },
    { name: `${sizes.numRatings} seen`, model: fitted, options: {} },
    { name: "seen left away", model: fitted, options: { seen: false } },
  ].map((file, at) => ({ ...file, path: join(folder, `${at}.safetensors`) }));
}

function save({ name, model, path, options }: ModelFile): Competitor {
  const times: number[] = [];
  return {
    name,
    work: 1,
    async run() {
      const begin = performance.now();
      await model.save(path, options);
      times.push(performance.now() - begin);
      return times.slice(-1);
    },
    check: () => checksum(readFileSync(path)), // the next case reads it
    facts() {
      const megabytes = statSync(path).size / 1e6;
      return { megabytes, megabytesPerSecond: megabytes / (minimum(times) / 1e3) };
    },
  };
}

/** `load` and the first `recommend`, each run in a process of its own; the answer must be the one in this process. */
function loadAndAsk({ name, path, model }: ModelFile, expected: string): Competitor {
  const all: Steps[] = [];
  return {
    name,
    work: 1,
    async run() {
      const request = { entry: ENTRY.href, path, userId: model.users.idAt(0), count: COUNT };
      const steps = await runChild<Steps>(new URL("../children/load.mjs", import.meta.url), request);
      all.push(steps);
      return [steps.answered - steps.imported];
    },
    check() {
      const wrong = all.map(({ list }) => JSON.stringify(list)).find((list) => list !== expected);
      if (wrong) throw new Error(`${name}: the first answer must be ${expected}, got ${wrong}`);
      return `${all.length} answers`;
    },
    facts() {
      const parts = {
        import: all.map(({ started, imported }) => imported - started),
        load: all.map(({ imported, loaded }) => loaded - imported),
        recommend: all.map(({ loaded, answered }) => answered - loaded),
      };
      const told = Object.entries(parts).flatMap(([part, times]) => [
        [`${part}MedianMs`, median(times)] as const,
        [`${part}MinMs`, minimum(times)] as const,
      ]);
      return Object.fromEntries(told);
    },
  };
}

/** What a model answers; as its file has it, where that has not all its bits. */
async function answerOf({ model, path, options }: ModelFile): Promise<string> {
  const answering = options.float16 || options.seen === false ? await load(path) : model;
  const list = answering.recommend(model.users.idAt(0), { count: COUNT });
  if (answering !== model) answering.dispose();
  return JSON.stringify(list);
}

async function* cases({ quick }: { quick: boolean }): AsyncIterable<BenchCase> {
  const sizes = quick
    ? { numUsers: 700, numItems: 100, numRatings: 10_000 }
    : { numUsers: 70_000, numItems: 10_000, numRatings: 10_000_000 };
  const folder = mkdtempSync(join(tmpdir(), "lowrank-model-file-"));
  const files = await makeFiles(folder, sizes);
  const size = `${sizes.numUsers} × ${sizes.numItems}, k ${FACTORS}`;
  try {
    yield { name: "save", size, unit: "saves", baseline: "number ids", competitors: files.map(save) };
    for (const { model, path, options } of files) if (!existsSync(path)) await model.save(path, options); // `--only`
    if (!existsSync(ENTRY)) return console.log("skipped: dist/index.js is not built");
    const competitors: Competitor[] = [];
    for (const file of files) competitors.push(loadAndAsk(file, await answerOf(file)));
    yield {
      name: "load → first recommend",
      size,
      unit: "starts",
      baseline: "number ids",
      warmUp: false,
      competitors,
    };
  } finally {
    for (const { model } of files) model.dispose();
    rmSync(folder, { recursive: true });
  }
}

const suite: Suite = { about: "saving, and loading in fresh processes", rounds: 10, cases };
export default suite;
