/** Implicit alternating least squares: the Python library implicit, exactly and by conjugate gradients. */
import type { Contender, Measured, PeerCase, PeerContender, PeerContext, Scenario } from "../comparison.js";
import { noWorse } from "../comparison.js";
import { type DataSet, generated, movieLens } from "../data-sets.js";
import { epochSeconds, type FitResult, outputPath } from "../fits.js";
import { implicitObjective } from "../implicit-objective.js";
import { type Program, runProgram } from "../program.js";

const THREADS = [1, 2];
const FACTORS = [64, 128];
const QUICK_FACTORS = [16];
const REGULARIZATION = 1;
const ALPHA = 10;
/** Epochs of a fit: an exact one of implicit takes up to a minute on the larger data. */
const EPOCHS = { made: 2, movieLens: 15 };
/** How far apart the objectives of two fits from different random starts may lie. */
const TOLERANCE = 0.01;

interface Plan {
  name: string;
  data: DataSet;
  factors: number;
  epochs: number;
}

interface Running extends Plan {
  threads: number;
}

const LABELS = { cholesky: "exact", conjugateGradient: "CG, 3 steps" };
type Solver = keyof typeof LABELS;

async function measure(program: Program, { data, factors }: Plan, settings: object): Promise<Measured> {
  const files = { userFactors: outputPath("user-factors.bin"), itemFactors: outputPath("item-factors.bin") };
  const { result } = await runProgram<FitResult>(program, { ...settings, ...files, data });
  return {
    seconds: epochSeconds(result.stamps, result.seconds), // ours without the objective, which implicit does not tell
    facts: {
      objective: implicitObjective(data, { ...files, factors, alpha: ALPHA, regularization: REGULARIZATION }),
      epochs: result.stamps.length,
      fitSeconds: result.fitSeconds,
      peakMemoryMB: result.peakMemoryBytes / 1e6,
    },
  };
}

function library(running: Running, solver: Solver): Contender {
  const { factors, epochs, threads } = running;
  const objective = {
    initialScale: 0.3, // each starts from random factors of its own; with these the objectives agree after the same epochs
    ...{ confidence: "linear", alpha: ALPHA, unobservedWeight: 1, observedLoss: "replaced" },
    ...{ regularization: REGULARIZATION, regularizationExponent: 0, countUnobserved: false },
  };
  const options = { ...objective, factors, threads, solver, epochs, steps: 3, seed: 1 };
  return {
    name: `lowrank ${LABELS[solver]}`,
    peer: "lowrank",
    run: () => measure({ file: "lowrank-fit.ts" }, running, { model: "ImplicitALS", options }),
  };
}

function implicit(running: Running, solver: Solver): PeerContender {
  const { factors, epochs, threads } = running;
  const settings = { factors, threads, solver, epochs, alpha: ALPHA, regularization: REGULARIZATION };
  return {
    name: `implicit ${LABELS[solver]}`,
    peer: "implicit",
    note: "OPENBLAS_NUM_THREADS=1, as implicit itself advises: its own threads share the rows",
    run: ({ folder: environment }) => {
      const program = { file: "implicit_als.py", environment, variables: { OPENBLAS_NUM_THREADS: "1" } };
      return measure(program, running, settings);
    },
  };
}

async function* plans(quick: boolean): AsyncIterable<Plan> {
  const sizes = quick
    ? { numUsers: 700, numItems: 300, numRatings: 30_000 }
    : { numUsers: 69_878, numItems: 10_677, numRatings: 4_850_000 };
  const data = generated(sizes, 0);
  for (const factors of quick ? QUICK_FACTORS : FACTORS) yield { name: "", data, factors, epochs: EPOCHS.made };
  const real = quick ? undefined : await movieLens(0);
  if (!real) return;
  for (const factors of FACTORS) yield { name: ", ml-latest-small", data: real, factors, epochs: EPOCHS.movieLens };
}

async function* cases({ quick }: PeerContext): AsyncIterable<PeerCase> {
  for await (const plan of plans(quick)) {
    for (const threads of THREADS) {
      const running = { ...plan, threads };
      const { name, data, factors } = plan;
      const goals = factors === 128 ? { exact: undefined, cg: 1.3 } : { exact: 1.5, cg: 2 };
      yield {
        name: `implicit ALS${name}, k ${factors}, threads ${threads}`,
        size: data.words,
        unit: "an epoch",
        heldEqual: `objective (Σ c (p − ŷ)² + λ (‖P‖² + ‖Q‖²), α ${ALPHA}, λ ${REGULARIZATION}) after the same epochs, ours no more than ${100 * TOLERANCE} % above`,
        ours: [library(running, "cholesky"), library(running, "conjugateGradient")],
        theirs: [implicit(running, "conjugateGradient"), implicit(running, "cholesky")],
        comparisons: [
          { ...compared("exact", "CG, 3 steps", goals.exact), why: PRODUCTS },
          { ...compared("CG, 3 steps", "CG, 3 steps", goals.cg), why: SHORT },
          compared("exact", "exact", 4),
        ],
        difference: noWorse("objective", TOLERANCE),
      };
    }
  }
}

/** The Gram matrix that all rows share and the solving itself come on top. */
const PRODUCTS =
  "an exact row takes k²/2 products for an interaction, three steps of CG 8 k: at k 128 that is eight times as many";

const SHORT =
  "its rows are short, so most of the work are products with the Gram matrix, where BLAS has vectors of 256 bits, WebAssembly 128";

const compared = (ours: string, theirs: string, goal: number | undefined) => ({
  ours: `lowrank ${ours}`,
  theirs: `implicit ${theirs}`,
  ...(goal === undefined ? {} : { goal }),
});

const scenario: Scenario = { about: "implicit alternating least squares, MovieLens-10M shape and latest-small", cases };
export default scenario;
