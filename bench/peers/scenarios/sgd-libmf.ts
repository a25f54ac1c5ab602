/** Matrix factorisation by stochastic gradient descent: LIBMF, as it is installed and built for AVX. */
import {
  type Comparison,
  type Contender,
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
import { type LibmfBuild, measureLibmf } from "../libmf.js";
import { type Grid, LibmfTarget } from "../libmf-target.js";

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
/** What LIBMF's best error is looked for among: its best lie inside, as wider grids showed. */
const MADE_GRID: Grid = { learningRates: [0.03, 0.05, 0.07], regularizations: [0.02, 0.03], epochs: 20 };
const REAL_GRID: Grid = { learningRates: [0.05, 0.07, 0.1], regularizations: [0.07, 0.1], epochs: 30 };
/** Ratings below which a fit is over before it is under way. */
const SMALL = 1_000_000;
const GOALS = { epoch: 2.5, fit: 3 };
const LANES = "vectors of WebAssembly have 128 bits, those of LIBMF's AVX build 256";
const FRESH =
  "the process is fresh: loading kernels and running them before V8 has compiled them to their fastest take most of the time; LIBMF comes compiled";
const NO_BIASES = "it has no biases, ours has";
const PRINTS = "it prints the objective of each iteration, less than a hundredth of its time";

interface Plan {
  data: DataSet;
  factors: number;
  threads: number;
}

async function avxBuild(installed: InstalledPeer): Promise<LibmfBuild> {
  const variables = { OMP_WAIT_POLICY: "passive" }; // else OpenMP's idle threads take the cores from LIBMF's own
  const program = { file: "libmf.py", environment: installed.folder, variables };
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
    note: "its source compiled as its makefile says for AVX, with OMP_WAIT_POLICY=passive",
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
    comparisons: theirs.map(({ name: other }): Comparison => {
      return { ours: "lowrank", theirs: other, goal: GOALS.epoch, why: LANES };
    }),
    difference: noWorse("testRmse", TOLERANCE),
  };
}

/** Whole fits to LIBMF's best error of what is held out. */
function targetCase({ data, factors, threads }: Plan, name: string, grid: Grid, target: LibmfTarget): PeerCase {
  const ours: Contender = {
    name: "lowrank",
    peer: "lowrank",
    note: "the best rate and λ of a grid as large, and the fewest epochs that reach it; found before",
    run: () => target.fitOurs(threads),
  };
  const theirs: PeerContender = {
    name: "LIBMF, AVX",
    peer: "libmf (PyPI)",
    note: `the best of λ ${grid.regularizations.join(", ")}, rate ${grid.learningRates.join(", ")} and up to ${grid.epochs} iterations, found before; ${NO_BIASES}`,
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
    comparisons: [
      { ours: "lowrank", theirs: "LIBMF, AVX", goal: GOALS.fit, why: data.trainSize < SMALL ? FRESH : LANES },
    ],
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
    const target = new LibmfTarget(data, factors, MADE_GRID);
    for (const threads of THREADS) yield epochCase({ data, factors, threads }, "MF by SGD");
    for (const threads of THREADS) yield targetCase({ data, factors, threads }, "MF by SGD", MADE_GRID, target);
  }
  const real = await movieLens(0.1);
  if (!real) return;
  const target = new LibmfTarget(real, 32, REAL_GRID);
  for (const threads of THREADS) {
    yield targetCase({ data: real, factors: 32, threads }, "MF by SGD, ml-latest-small,", REAL_GRID, target);
  }
}

const scenario: Scenario = { about: "matrix factorisation by SGD, MovieLens-10M shape, against LIBMF", cases };
export default scenario;
