/** The Netflix shape (480,189 × 17,770, 100 million ratings) beside the MovieLens-10M shape, each in a fresh process. */
import { availableParallelism } from "node:os";
import type { FitRequest, FitResult } from "../children/fit.js";
import { runChild } from "../harness/child.js";
import { checksum, minimum } from "../harness/statistics.js";
import type { BenchCase, Competitor, Suite } from "../harness/suite.js";

interface Fit {
  name: string;
  model: FitRequest["model"];
  factors: number;
  epochs: number;
  /** Epochs that are not counted: the first, where it finds cold code and cold caches and is short. */
  skipped: number;
}

const FITS: Fit[] = [
  { name: "k 64", model: "sgd", factors: 64, epochs: 4, skipped: 1 },
  { name: "als k 32", model: "als", factors: 32, epochs: 1, skipped: 0 },
  { name: "als k 64", model: "als", factors: 64, epochs: 1, skipped: 0 },
];

const SHAPES = [
  { name: "10M", numUsers: 69_878, numItems: 10_677, numRatings: 10_000_000 },
  { name: "Netflix", numUsers: 480_189, numItems: 17_770, numRatings: 100_000_000 },
];
const TOY_SHAPES = [
  { name: "10M", numUsers: 700, numItems: 300, numRatings: 30_000 },
  { name: "Netflix", numUsers: 2000, numItems: 500, numRatings: 100_000 },
];

function competitor({ name, ...sizes }: (typeof SHAPES)[number], fit: Fit, threads: number): Competitor {
  const { model, factors, epochs, skipped } = fit;
  const results: FitResult[] = [];
  return {
    name,
    work: sizes.numRatings,
    async run() {
      const request: FitRequest = { model, sizes: { ...sizes, seed: 1 }, factors, epochs, threads };
      const result = await runChild<FitResult>(new URL("../children/fit.ts", import.meta.url), request);
      results.push(result);
      return result.epochSeconds.slice(skipped).map((seconds) => seconds * 1e3);
    },
    check() {
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
    },
    facts() {
      const counted = results.flatMap(({ epochSeconds }) => epochSeconds.slice(skipped));
      return {
        peakMemoryGB: Math.max(...results.map(({ peak }) => peak)) / 1e9,
        peakMemoryBeforeFitGB: Math.max(...results.map(({ peakBeforeFit }) => peakBeforeFit)) / 1e9,
        nsPerRating: (minimum(counted) * 1e9) / sizes.numRatings,
        fitSeconds: minimum(results.map(({ fitSeconds }) => fitSeconds)),
        generateSeconds: minimum(results.map(({ generateSeconds }) => generateSeconds)),
      };
    },
  };
}

function* cases({ quick }: { quick: boolean }): Iterable<BenchCase> {
  const shapes = quick ? TOY_SHAPES : SHAPES;
  const cores = availableParallelism();
  for (const fit of FITS) {
    for (const threads of cores > 1 && fit.model === "sgd" ? [1, cores] : [cores]) {
      yield {
        name: `${fit.name}, threads ${threads}`,
        size: shapes.map((shape) => `${shape.numUsers} × ${shape.numItems}, ${shape.numRatings} ratings`).join("; "),
        unit: "ratings",
        baseline: "10M",
        warmUp: false,
        competitors: shapes.map((shape) => competitor(shape, fit, threads)),
      };
    }
  }
}

const suite: Suite = {
  about: "an epoch and the memory of the Netflix shape, each in a fresh process",
  rounds: 1,
  cases,
};
export default suite;
