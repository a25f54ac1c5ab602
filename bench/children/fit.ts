/** Makes ratings, fits them, and prints times and peak memory as JSON. */
import { type SyntheticOptions, syntheticRatings } from "../../src/data/synthetic.js";
import { MatrixFactorization } from "../../src/index.js";

export interface FitRequest {
  sizes: Partial<SyntheticOptions>;
  factors: number;
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
}

/** Bytes; the operating system counts in KiB. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function measureFit({ sizes, factors, epochs, threads }: FitRequest): Promise<FitResult> {
  const begin = performance.now();
  const { interactions, noiseFloor } = syntheticRatings(sizes);
  const made = performance.now();
  const peakBeforeFit = peakBytes();
  const epochSeconds: number[] = [];
  const trainRmse: number[] = [];
  const model = new MatrixFactorization({ factors, epochs, threads, seed: 1 });
  await model.fit(interactions, {
    onEpoch(report) {
      epochSeconds.push(report.seconds);
      trainRmse.push(report.trainRmse);
    },
  });
  const fitSeconds = (performance.now() - made) / 1e3;
  model.dispose();
  const generateSeconds = (made - begin) / 1e3;
  return { generateSeconds, peakBeforeFit, peak: peakBytes(), fitSeconds, epochSeconds, trainRmse, noiseFloor };
}

console.log(JSON.stringify(await measureFit(JSON.parse(process.argv[2]!) as FitRequest)));
