/** Matrix factorisation by stochastic gradient descent: LIBMF, as it is installed and built for AVX. */
import {
  type Comparison,
  type Contender,
  type Measured,
  noWorse,
  type PeerCase,
  type PeerContender,
  type PeerContext,
  type Scenario,
} from "../comparison.js";
import { type DataSet, generated, movieLens } from "../data-sets.js";
import { measureRatingFit } from "../fits.js";
import type { InstalledPeer } from "../install/install.js";
import { buildLibmf, libmfAsInstalled } from "../install/libmf-avx.js";
import { bestOfLibmf, type LibmfBuild, type LibmfSettings, measureLibmf } from "../libmf.js";

const FACTORS = [32, 64, 128];
const QUICK_FACTORS = [64];
/** LIBMF through npm takes half a minute to hand its ratings over, so it runs at one number of factors. */
const NPM_FACTORS = 64;
const THREADS = [1, 2];
/** Of the cases that time epochs; LIBMF with its own λ and rate. */
const EPOCHS = 8;
/** Errors after so few epochs; the cases below hold ours to LIBMF's best. */
const TOLERANCE = 0.005;
const OWN = { epochs: EPOCHS, regularization: 0.04, learningRate: 0.1 };
/** What LIBMF's best error is looked for among, and in how many iterations. */
const RATES = [0.05, 0.1];
const LAMBDAS = [0.03, 0.05];
const GRID_EPOCHS = 20;
/** Epochs of ours that are tried in turn until one reaches LIBMF's best. */
const OUR_EPOCHS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 40, 60];
const GOALS = { epoch: 2.5, fit: 3 };
const NO_BIASES = "it has no biases, ours has";
const PRINTS = "it prints the objective of each iteration, less than a hundredth of its time";

interface Plan {
  data: DataSet;
  factors: number;
  threads: number;
}

async function avxBuild(installed: InstalledPeer): Promise<LibmfBuild> {
  const program = { file: "libmf.py", environment: installed.folder };
  return { program, where: { library: await buildLibmf(installed) } };
}

const asInstalled = ({ folder }: InstalledPeer): LibmfBuild => ({
  program: { file: "libmf.py", environment: folder },
  where: { library: libmfAsInstalled(folder) },
});

const byNode = ({ folder }: InstalledPeer): LibmfBuild => ({ program: { file: "libmf-fit.ts" }, where: { folder } });

const BUILDS: {
  name: string;
  peer: PeerContender["peer"];
  note: string;
  open(peer: InstalledPeer): LibmfBuild | Promise<LibmfBuild>;
}[] = [
  {
    name: "LIBMF, AVX",
    peer: "libmf (PyPI)",
    note: "its source compiled as its makefile says for AVX",
    open: avxBuild,
  },
  { name: "LIBMF, as pip builds it", peer: "libmf (PyPI)", note: "compiled without SSE or AVX", open: asInstalled },
  { name: "LIBMF, npm", peer: "libmf (npm)", note: "compiled without SSE or AVX", open: byNode },
];

/** Epochs of LIBMF, in all its builds, and ours. */
function epochCase({ data, factors, threads }: Plan, name: string): PeerCase {
  const options = { factors, threads, epochs: EPOCHS, seed: 1 };
  const builds = factors === NPM_FACTORS ? BUILDS : BUILDS.slice(0, -1);
  const theirs = builds.map(({ name: contender, peer, note, open }): PeerContender => {
    return {
      name: contender,
      peer,
      note: `${note}; ${NO_BIASES}; ${PRINTS}`,
      async run(installed) {
        return measureLibmf(await open(installed), data, { ...OWN, factors, threads }, "epoch");
      },
    };
  });
  const run = () => measureRatingFit({ file: "lowrank-fit.ts" }, data, { model: "MatrixFactorization", options });
  return {
    name: `${name}, k ${factors}, threads ${threads}`,
    size: data.words,
    unit: "an epoch",
    heldEqual: `ratings, factors, epochs; test RMSE of ours no more than ${100 * TOLERANCE} % larger`,
    ours: [{ name: "lowrank", peer: "lowrank", note: "with biases", run }],
    theirs,
    comparisons: theirs.map(({ name: other }): Comparison => ({ ours: "lowrank", theirs: other, goal: GOALS.epoch })),
    difference: noWorse("testRmse", TOLERANCE),
  };
}

/** LIBMF's best error on a data set, and the fewest epochs of ours that reach it: found once, for any number of threads. */
class Target {
  readonly #plan: Omit<Plan, "threads">;
  #libmf: Promise<LibmfSettings & { rmse: number }> | undefined;
  #ours: Promise<number> | undefined;

  constructor(plan: Omit<Plan, "threads">) {
    this.#plan = plan;
  }

  libmf(build: LibmfBuild): Promise<LibmfSettings & { rmse: number }> {
    const { data, factors } = this.#plan;
    const grid = RATES.flatMap((learningRate) =>
      LAMBDAS.map((regularization) => ({ factors, threads: 2, epochs: GRID_EPOCHS, regularization, learningRate })),
    );
    this.#libmf ??= bestOfLibmf(build, data, grid);
    return this.#libmf;
  }

  /** The last of those that are tried, where none gets there or there is no LIBMF. */
  ours(): Promise<number> {
    this.#ours ??= this.#search();
    return this.#ours;
  }

  async #search(): Promise<number> {
    const { rmse } = (await this.#libmf) ?? { rmse: Infinity };
    for (const epochs of OUR_EPOCHS) {
      if ((await this.fit(2, epochs)).facts.testRmse! <= rmse) return epochs;
    }
    return OUR_EPOCHS.at(-1)!;
  }

  async fit(threads: number, epochs: number): Promise<Measured> {
    const { data, factors } = this.#plan;
    const options = { factors, threads, epochs, seed: 1 };
    const measured = await measureRatingFit({ file: "lowrank-fit.ts" }, data, {
      model: "MatrixFactorization",
      options,
    });
    return { ...measured, seconds: [measured.facts.fitSeconds!] };
  }
}

/** Whole fits to LIBMF's best error of what is held out. */
function targetCase({ data, factors, threads }: Plan, name: string, target: Target): PeerCase {
  const ours: Contender = {
    name: "lowrank",
    peer: "lowrank",
    note: `the fewest epochs of ${OUR_EPOCHS.join(", ")} that reach it, other options as they are`,
    run: async () => target.fit(threads, await target.ours()),
  };
  const theirs: PeerContender = {
    name: "LIBMF, AVX",
    peer: "libmf (PyPI)",
    note: `the best of λ ${LAMBDAS.join(", ")}, rate ${RATES.join(", ")} and up to ${GRID_EPOCHS} iterations; ${NO_BIASES}`,
    async prepare(installed) {
      await target.libmf(await avxBuild(installed));
    },
    async run(installed) {
      const build = await avxBuild(installed);
      const { rmse, ...settings } = await target.libmf(build);
      const measured = await measureLibmf(build, data, { ...settings, threads }, "fit");
      const { learningRate, regularization } = settings;
      return { ...measured, facts: { ...measured.facts, learningRate, regularization, targetRmse: rmse } };
    },
  };
  return {
    name: `${name} to LIBMF's best RMSE, k ${factors}, threads ${threads}`,
    size: data.words,
    unit: "a fit",
    heldEqual: "ratings, factors, test RMSE: LIBMF's best, ours no larger",
    ours: [ours],
    theirs: [theirs],
    comparisons: [{ ours: "lowrank", theirs: "LIBMF, AVX", goal: GOALS.fit }],
    difference: (mine, { facts }) =>
      mine.facts.testRmse! <= facts.targetRmse!
        ? undefined
        : `testRmse ${mine.facts.testRmse} after ${mine.facts.epochs} epochs, LIBMF's best ${facts.targetRmse}`,
  };
}

async function* cases({ quick }: PeerContext): AsyncIterable<PeerCase> {
  const sizes = quick
    ? { numUsers: 700, numItems: 300, numRatings: 30_000 }
    : { numUsers: 69_878, numItems: 10_677, numRatings: 10_000_000 };
  const data = generated(sizes, 0.1);
  for (const factors of quick ? QUICK_FACTORS : FACTORS) {
    const target = new Target({ data, factors });
    for (const threads of THREADS) yield epochCase({ data, factors, threads }, "MF by SGD");
    for (const threads of THREADS) yield targetCase({ data, factors, threads }, "MF by SGD", target);
  }
  const real = await movieLens(0.1);
  if (!real) return;
  const target = new Target({ data: real, factors: 32 });
  for (const threads of THREADS) {
    yield targetCase({ data: real, factors: 32, threads }, "MF by SGD, ml-latest-small,", target);
  }
}

const scenario: Scenario = { about: "matrix factorisation by SGD, MovieLens-10M shape, against LIBMF", cases };
export default scenario;
