/** Alternating least squares of ratings: cmfrec, exactly and by conjugate gradients, and LensKit. */
import type { Contender, Measured, PeerCase, PeerContender, PeerContext, Scenario } from "../comparison.js";
import { noWorse } from "../comparison.js";
import { type DataSet, generated, movieLens, readFloats } from "../data-sets.js";
import { measureRatingFit } from "../fits.js";
import type { Program } from "../program.js";

const THREADS = [1, 2];
const TEST_FRACTION = 0.1;
/** How far above a peer's our RMSE may lie: fits start from different random factors. */
const TOLERANCE = 0.005;
/** What LensKit damps its biases by, unless told otherwise. */
const LENSKIT_DAMPING = 5;

/** What all contenders of a case are told. */
interface Plan {
  data: DataSet;
  factors: number;
  epochs: number;
  /** λ: the pull of a row's factors and bias at each of its ratings, in squared units of the ratings. */
  regularization: number;
}

interface Running extends Plan {
  threads: number;
}

/** A whole fit from triples: cmfrec tells of no epochs. */
async function measure(program: Program, { data, epochs }: Plan, settings: object): Promise<Measured> {
  const { facts } = await measureRatingFit(program, data, settings);
  const { testRmse, fitSeconds, prepareSeconds = 0, peakMemoryMB } = facts as Record<string, number>;
  const seconds = fitSeconds! + prepareSeconds;
  return { seconds: [seconds], facts: { testRmse: testRmse!, epochs, peakMemoryMB: peakMemoryMB! } };
}

function library(running: Running): Contender {
  const { data, factors, epochs, threads, regularization } = running;
  const pulls = { regularization: regularization / spread(data), damping: 0 }; // ours is in units of the ratings' spread
  const biasPulls = { biasRegularization: regularization, biasDamping: 0 };
  const options = { factors, epochs, threads, ...pulls, ...biasPulls, seed: 1 };
  const settings = { model: "AlternatingLeastSquares", options, unwatched: true };
  return {
    name: "lowrank exact",
    peer: "lowrank",
    note: "to make its ratings of the triples counts, too",
    run: () => measure({ file: "lowrank-fit.ts" }, running, settings),
  };
}

/** The ratings' standard deviation. */
function spread({ folder }: DataSet): number {
  const values = readFloats(`${folder}/train-values.bin`);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function cmfrec(running: Running, solver: "exact" | "conjugateGradient"): PeerContender {
  const { factors, epochs, threads, regularization } = running;
  return {
    name: `cmfrec ${solver === "exact" ? "exact" : "CG, 3 steps"}`,
    peer: "cmfrec",
    note: "float32; nothing worked out for later predictions; OPENBLAS_NUM_THREADS=1, as in its own benchmark: its own threads share the rows",
    run: ({ folder: environment }) => {
      const program = { file: "cmfrec_als.py", environment, variables: { OPENBLAS_NUM_THREADS: "1" } };
      return measure(program, running, { factors, epochs, threads, regularization, solver });
    },
  };
}

function lenskit(running: Running): PeerContender {
  const { factors, epochs, threads, regularization } = running;
  return {
    name: "LensKit exact",
    peer: "lenskit",
    note: "its biases are worked out before, and stay; threads share the rows, one BLAS thread each, as it sets them itself",
    run: ({ folder: environment }) => {
      const settings = { factors, epochs, threads, regularization, damping: LENSKIT_DAMPING };
      return measure({ file: "lenskit_als.py", environment }, running, settings);
    },
  };
}

async function* plans(quick: boolean): AsyncIterable<Plan> {
  const small = await movieLens(TEST_FRACTION);
  if (quick) {
    const data = generated({ numUsers: 700, numItems: 300, numRatings: 30_000 }, TEST_FRACTION);
    yield { data, factors: 16, epochs: 10, regularization: 0.07 };
  } else {
    const data = generated({ numUsers: 6_040, numItems: 3_706, numRatings: 1_000_000 }, TEST_FRACTION);
    for (const factors of [64, 128]) yield { data, factors, epochs: 5, regularization: 0.07 };
    if (small) yield { data: small, factors: 32, epochs: 15, regularization: 0.1 };
  }
}

async function* cases({ quick }: PeerContext): AsyncIterable<PeerCase> {
  for await (const plan of plans(quick)) {
    for (const threads of THREADS) {
      const running = { ...plan, threads };
      const { data, factors, epochs, regularization } = plan;
      yield {
        name: `explicit ALS, ${data.numUsers} × ${data.numItems}, k ${factors}, threads ${threads}`,
        size: data.words,
        unit: `a fit of ${epochs} epochs, from triples`,
        heldEqual: `objective Σ (r − μ − b_u − b_i − p·q)² + λ Σ n (b² + ‖factors‖²), λ ${regularization}, but for LensKit's biases; epochs; RMSE of what was held out, clipped to the ratings' range, ours no more than ${100 * TOLERANCE} % above`,
        ours: [library(running)],
        theirs: [cmfrec(running, "exact"), cmfrec(running, "conjugateGradient"), lenskit(running)],
        comparisons: [
          { ours: "lowrank exact", theirs: "cmfrec exact" },
          { ours: "lowrank exact", theirs: "cmfrec CG, 3 steps", why: PRODUCTS },
          { ours: "lowrank exact", theirs: "LensKit exact" },
        ],
        difference: noWorse("testRmse", TOLERANCE),
      };
    }
  }
}

const PRODUCTS =
  "three steps of CG take 8 k products for a rating, an exact row of ours the smaller of k and its own length times k / 2";

const scenario: Scenario = {
  about: "alternating least squares of ratings, MovieLens-1M shape and latest-small",
  cases,
};
export default scenario;
