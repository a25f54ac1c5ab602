/** Makes ratings, fits them, and prints times and peak memory as JSON. */
import { type SyntheticOptions, syntheticRatings } from "../../src/data/synthetic.js";
import {
  AlternatingLeastSquares,
  AutoRec,
  type AutoRecOptions,
  type Interactions,
  MatrixFactorization,
} from "../../src/index.js";
import { peakMemory } from "../harness/peak-memory.js";

export interface FitRequest {
  model: "sgd" | "als" | "autorec";
  sizes: Partial<SyntheticOptions>;
  /** Of AutoRec: hidden units. */
  factors: number;
  /** Of AutoRec alone. */
  batchSize?: AutoRecOptions["batchSize"] | undefined;
  epochs: number;
  threads: number;
}

export interface FitResult {
  generateSeconds: number;
  /** Peak resident memory in bytes, before the fit and at the end. */
  peakBeforeFit: number;
  peak: number;
  /** From the call of `fit` to its end, epochs included. */
  fitSeconds: number;
  epochSeconds: number[];
  trainRmse: number[];
  noiseFloor: number;
  /** The standard deviation of the ratings: what their mean alone is off by. */
  spread: number;
}

/** What an epoch of each model tells. */
type Listener = (report: { seconds: number; trainRmse: number }) => void;

async function fit(interactions: Interactions, request: FitRequest, onEpoch: Listener): Promise<{ dispose(): void }> {
  const { model, factors, epochs, threads, batchSize = "auto" } = request;
  if (model === "autorec") {
    return new AutoRec({ hidden: factors, batchSize, epochs, threads, seed: 1 }).fit(interactions, { onEpoch });
  }
  const options = { factors, epochs, threads, seed: 1 };
  if (model === "als") return new AlternatingLeastSquares(options).fit(interactions, { onEpoch });
  return new MatrixFactorization(options).fit(interactions, { onEpoch });
}

async function measureFit(request: FitRequest): Promise<FitResult> {
  const begin = performance.now();
  const { interactions, noiseFloor } = syntheticRatings(request.sizes);
  const made = performance.now();
  const peakBeforeFit = peakMemory();
  const epochSeconds: number[] = [];
  const trainRmse: number[] = [];
  const model = await fit(interactions, request, (report) => {
    epochSeconds.push(report.seconds);
    trainRmse.push(report.trainRmse);
  });
  const fitSeconds = (performance.now() - made) / 1e3;
  model.dispose();
  const generateSeconds = (made - begin) / 1e3;
  const errors = { trainRmse, noiseFloor, spread: interactions.standardDeviation };
  return { generateSeconds, peakBeforeFit, peak: peakMemory(), fitSeconds, epochSeconds, ...errors };
}

console.log(JSON.stringify(await measureFit(JSON.parse(process.argv[2]!) as FitRequest)));
