/** A fit in a fresh process: its epochs and its memory. */
import type { SyntheticOptions } from "../../src/data/synthetic.js";
import type { FitRequest, FitResult } from "../children/fit.js";
import { runChild } from "./child.js";
import { checksum, minimum } from "./statistics.js";
import type { Competitor, Facts } from "./suite.js";

export interface FreshFit extends Pick<FitRequest, "model" | "factors" | "batchSize" | "epochs"> {
  /** Epochs that are not counted: the first, where it finds cold code and cold caches and is short. */
  readonly skipped: number;
}

export function freshFit(
  name: string,
  sizes: Partial<SyntheticOptions> & { numRatings: number },
  { model, factors, batchSize, epochs, skipped }: FreshFit,
  threads: number,
): Competitor {
  const results: FitResult[] = [];
  return {
    name,
    work: sizes.numRatings,
    async run() {
      const request: FitRequest = { model, sizes, factors, batchSize, epochs, threads };
      const result = await runChild<FitResult>(new URL("../children/fit.ts", import.meta.url), request);
      results.push(result);
      return result.epochSeconds.slice(skipped).map((seconds) => seconds * 1e3);
    },
    check: () => checkFits(name, results),
    facts: () => factsOf(results, skipped, sizes.numRatings),
  };
}

/** The bits of the training errors. @throws if they did not fall as they should, or runs differ. */
function checkFits(name: string, results: readonly FitResult[]): string {
  const { trainRmse, noiseFloor, spread } = results[0]!;
  const falls = trainRmse.every((rmse, epoch) => epoch === 0 || rmse < trainRmse[epoch - 1]!);
  const last = trainRmse.at(-1)!;
  if (!falls || !(last > 0.5 * noiseFloor && last < spread)) {
    const bounds = `below ${spread} and stay near the noise ${noiseFloor}`;
    throw new Error(`${name}: RMSE must fall ${bounds}, got ${trainRmse.join(", ")}`);
  }
  const checksums = new Set(results.map((result) => checksum(Float64Array.from(result.trainRmse))));
  if (checksums.size > 1) throw new Error(`${name}: every run must give the same bits, got ${[...checksums]}`);
  return [...checksums][0]!;
}

function factsOf(results: readonly FitResult[], skipped: number, numRatings: number): Facts {
  const counted = results.flatMap(({ epochSeconds }) => epochSeconds.slice(skipped));
  return {
    peakMemoryGB: Math.max(...results.map(({ peak }) => peak)) / 1e9,
    peakMemoryBeforeFitGB: Math.max(...results.map(({ peakBeforeFit }) => peakBeforeFit)) / 1e9,
    nsPerRating: (minimum(counted) * 1e9) / numRatings,
    fitSeconds: minimum(results.map(({ fitSeconds }) => fitSeconds)),
    generateSeconds: minimum(results.map(({ generateSeconds }) => generateSeconds)),
  };
}
