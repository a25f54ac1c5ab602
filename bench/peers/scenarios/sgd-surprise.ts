/** Biased matrix factorisation by stochastic gradient descent: Surprise's SVD. */
import {
  type Measured,
  noWorse,
  type PeerCase,
  type PeerContender,
  type PeerContext,
  type Scenario,
} from "../comparison.js";
import { type DataSet, generated, movieLens, testRmse } from "../data-sets.js";
import { epochSeconds, type FitResult, outputPath, ratingFit } from "../fits.js";
import type { InstalledPeer } from "../install/install.js";
import { runProgram } from "../program.js";

const THREADS = [1, 2];
const EPOCHS = 20;

interface Plan {
  data: DataSet;
  factors: number;
}

/** Surprise prints a line when an epoch begins. */
async function measure({ data, factors }: Plan, { folder: environment }: InstalledPeer): Promise<Measured> {
  const program = { file: "surprise_svd.py", environment, variables: { PYTHONUNBUFFERED: "1" } };
  const predictions = outputPath("predictions.bin");
  const { result, lines } = await runProgram<FitResult>(program, { data, factors, epochs: EPOCHS, predictions });
  const begins = lines.filter(({ text }) => text.startsWith("Processing epoch")).map(({ seconds }) => seconds);
  if (begins.length !== EPOCHS) throw new Error(`Surprise must tell of ${EPOCHS} epochs, got ${begins.length}`);
  return {
    seconds: epochSeconds([...begins.slice(1), result.fitSeconds]),
    facts: {
      testRmse: testRmse(data, predictions),
      epochs: EPOCHS,
      fitSeconds: result.fitSeconds,
      peakMemoryMB: result.peakMemoryBytes / 1e6,
    },
  };
}

function surprise(plan: Plan): PeerContender {
  return {
    name: "Surprise SVD",
    peer: "surprise",
    note: "its defaults (rate .005, λ .02); it has one thread, whatever the number of ours",
    run: (installed) => measure(plan, installed),
  };
}

async function* plans(quick: boolean): AsyncIterable<Plan & { name: string }> {
  const sizes = quick
    ? { numUsers: 700, numItems: 300, numRatings: 30_000 }
    : { numUsers: 6040, numItems: 3706, numRatings: 1_000_000 };
  yield { name: "biased MF, made up, k 64", data: generated(sizes, 0.1), factors: quick ? 16 : 64 };
  const real = await movieLens(0.1);
  if (real) yield { name: "biased MF, ml-latest-small, k 100", data: real, factors: 100 };
}

async function* cases({ quick }: PeerContext): AsyncIterable<PeerCase> {
  for await (const { name, data, factors } of plans(quick)) {
    for (const threads of THREADS) {
      const options = { factors, threads, epochs: EPOCHS, seed: 1 };
      yield {
        name: `${name}, threads ${threads}`,
        size: data.words,
        unit: "an epoch",
        heldEqual: "model (mean, biases and factors), factors, epochs, ratings; test RMSE of ours no larger",
        ours: [ratingFit("lowrank", "MatrixFactorization", data, options)],
        theirs: [surprise({ data, factors })],
        comparisons: [{ ours: "lowrank", theirs: "Surprise SVD" }],
        difference: noWorse("testRmse", 0),
      };
    }
  }
}

const scenario: Scenario = { about: "biased matrix factorisation by SGD, against Surprise", cases };
export default scenario;
