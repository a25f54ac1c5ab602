/** Epochs of AutoRec with 500 hidden units: MovieLens-1M shape whole and pass by pass, and the 10M shape beside it. */
import { type SyntheticOptions, syntheticRatings } from "../../src/data/synthetic.js";
import type { Variant } from "../../src/engine/kernels.js";
import { AUTOREC_DEFAULTS } from "../../src/index.js";
import { settingsOf } from "../../src/models/autorec-settings.js";
import { javascriptFit, libraryFit, type Reached } from "../harness/autorec-fits.js";
import { passTime } from "../harness/autorec-pass-times.js";
import type { Pass } from "../harness/autorec-passes.js";
import { prototypeFit } from "../harness/autorec-prototype.js";
import { type AutoRecSetup, setUpAutoRec } from "../harness/autorec-setup.js";
import { SUMS_OF } from "../harness/autorec-speed.js";
import { type FreshFit, freshFit } from "../harness/fresh-fit.js";
import { openPeak, type PeakMeter } from "../harness/peak.js";
import type { BenchCase, Suite } from "../harness/suite.js";

const HIDDEN = 500;
const QUICK_HIDDEN = 40;
const BATCH_SIZES = [256, 512];
/** Epochs of a fit; the first, which finds cold code and cold caches, is not counted. */
const EPOCHS = 4;
/** So small that errors fall in every one of so few epochs, at any size. */
const LEARNING_RATE = 1e-3;
const FRESH_EPOCHS = 3;
const SEED = 1;
/** Milder than most data sets': no item or user has a large share of the ratings. */
const TAILS = { userTail: 1 / 3, itemTail: 0.6 };

type Shape = Pick<SyntheticOptions, "numUsers" | "numItems" | "numRatings"> & { name: string };

const SHAPES: readonly [Shape, Shape] = [
  { name: "1M", numUsers: 6040, numItems: 3706, numRatings: 1_000_000 },
  { name: "10M", numUsers: 69_878, numItems: 10_677, numRatings: 10_000_000 },
];
const TOY_SHAPES: readonly [Shape, Shape] = [
  { name: "1M", numUsers: 700, numItems: 600, numRatings: 30_000 },
  { name: "10M", numUsers: 1500, numItems: 700, numRatings: 60_000 },
];

const wordsOf = ({ numUsers, numItems, numRatings }: Shape): string =>
  `${numUsers} × ${numItems}, ${numRatings} ratings`;

type Peaks = Partial<Record<Variant, PeakMeter>>;

async function openPeaks(quick: boolean): Promise<Peaks> {
  const [strict, relaxed] = [await openPeak("strict", quick ? 0.5 : 5), await openPeak("relaxed", quick ? 0.5 : 5)];
  return { ...(strict ? { strict } : {}), ...(relaxed ? { relaxed } : {}) };
}

/** One thread and two of the fastest variant and of the reproducible one; a peak for what runs on one core. */
function runningsOf({ strict, relaxed = strict }: Peaks) {
  const fastest = { threads: 1, reproducible: false, peak: relaxed };
  const reproducible = { threads: 1, reproducible: true, peak: strict };
  const two = { threads: 2, peak: undefined };
  return {
    fastest,
    reproducible,
    fastestOnTwo: { ...fastest, ...two },
    reproducibleOnTwo: { ...reproducible, ...two },
  };
}

/** Whole fits against plain JavaScript, two threads against one, and each pass by itself. */
async function* casesOf(setup: AutoRecSetup, words: string, peaks: Peaks): AsyncIterable<BenchCase> {
  const reached: Reached = { bits: new Map() };
  const { fastest, reproducible, fastestOnTwo, reproducibleOnTwo } = runningsOf(peaks);
  const prototype = await prototypeFit(setup, fastest.peak);
  if (prototype.length === 0) console.log("\nprototype: left out, LOWRANK_PROTOTYPES names no folder");
  const batch = `batch ${setup.options.batchSize}`;
  const shared = { size: `${words}, hidden ${setup.options.hidden}`, unit: "ratings", baseline: "lowrank, threads 1" };
  const fitsOf = (...runnings: (typeof fastest | typeof fastestOnTwo)[]) =>
    runnings.map((running) => libraryFit(setup, reached, running));
  yield {
    ...shared,
    name: batch,
    baseline: "js",
    competitors: [
      javascriptFit(setup, reached),
      ...prototype,
      ...fitsOf(fastest, reproducible, fastestOnTwo, reproducibleOnTwo),
    ],
  };
  yield { ...shared, name: `threads, ${batch}`, competitors: fitsOf(fastest, fastestOnTwo) };
  for (const pass of Object.keys(SUMS_OF) as Pass[]) {
    const runnings = [fastest, fastestOnTwo, reproducible];
    yield {
      ...shared,
      name: `${pass}, ${batch}`,
      unit: "flop",
      competitors: runnings.map((running) => passTime(setup, reached, pass, running)),
    };
  }
}

/** Both shapes, each fit in a fresh process. */
function* largeCases(shapes: readonly Shape[], factors: number, quick: boolean): Iterable<BenchCase> {
  for (const batchSize of ["auto", 512] as const) {
    const fit: FreshFit = { model: "autorec", factors, batchSize, epochs: FRESH_EPOCHS, skipped: 1 };
    const words = shapes.map((shape) => {
      const size = { numRows: shape.numItems, numEntries: shape.numRatings };
      const rows = settingsOf({ ...AUTOREC_DEFAULTS, hidden: factors, batchSize }, size, {
        outputOffset: 0,
        unit: 1,
      }).batchSize;
      return `${wordsOf(shape)} in batches of ${rows}`;
    });
    for (const threads of quick ? [2] : [1, 2]) {
      yield {
        name: `10M shape, batch ${batchSize}, threads ${threads}`,
        size: `${words.join("; ")}; hidden ${factors}`,
        unit: "ratings",
        baseline: "1M",
        warmUp: false,
        competitors: shapes.map(({ name, ...sizes }) =>
          freshFit(name, { ...sizes, ...TAILS, seed: SEED }, fit, threads),
        ),
      };
    }
  }
}

async function* cases({ quick }: { quick: boolean }): AsyncIterable<BenchCase> {
  const hidden = quick ? QUICK_HIDDEN : HIDDEN;
  const shapes = quick ? TOY_SHAPES : SHAPES;
  const { name: _, ...sizes } = shapes[0];
  const { interactions } = syntheticRatings({ ...sizes, ...TAILS, seed: SEED });
  const peaks = await openPeaks(quick);
  for (const batchSize of BATCH_SIZES) {
    const setup = await setUpAutoRec(interactions, {
      hidden,
      batchSize,
      epochs: EPOCHS,
      learningRate: LEARNING_RATE,
      seed: SEED,
    });
    yield* casesOf(setup, wordsOf(shapes[0]), peaks);
  }
  yield* largeCases(shapes, hidden, quick);
}

const suite: Suite = {
  about: "epochs of AutoRec, MovieLens-1M shape whole and pass by pass, and the 10M shape's cost and memory",
  rounds: 3,
  cases,
};
export default suite;
