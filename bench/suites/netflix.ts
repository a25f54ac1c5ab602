/** The Netflix shape (480,189 × 17,770, 100 million ratings) beside the MovieLens-10M shape, each in a fresh process. */
import { availableParallelism } from "node:os";
import type { FitRequest, FitResult } from "../children/fit.js";
import { runChild } from "../harness/child.js";
import { checksum } from "../harness/statistics.js";
import type { BenchCase, Competitor, Suite } from "../harness/suite.js";

const FACTORS = 64;
/** The first epoch, which finds cold code and cold caches, is not counted. */
const EPOCHS = 4;

const SHAPES = [
  { name: "10M", numUsers: 69_878, numItems: 10_677, numRatings: 10_000_000 },
  { name: "Netflix", numUsers: 480_189, numItems: 17_770, numRatings: 100_000_000 },
];
const TOY_SHAPES = [
  { name: "10M", numUsers: 700, numItems: 300, numRatings: 30_000 },
  { name: "Netflix", numUsers: 2000, numItems: 500, numRatings: 100_000 },
];

function competitor({ name, ...sizes }: (typeof SHAPES)[number], threads: number): Competitor {
  let result: FitResult | undefined;
  return {
    name,
    work: sizes.numRatings,
    async run() {
      const request: FitRequest = { sizes: { ...sizes, seed: 1 }, factors: FACTORS, epochs: EPOCHS, threads };
      result = await runChild<FitResult>(new URL("../children/fit.ts", import.meta.url), request);
      return result.epochSeconds.slice(1).map((seconds) => seconds * 1e3);
    },
    check() {
      const { trainRmse, noiseFloor } = result!;
      const falls = trainRmse.every((rmse, epoch) => epoch === 0 || rmse < trainRmse[epoch - 1]!);
      if (!falls || !(trainRmse.at(-1)! > 0.5 * noiseFloor)) {
        throw new Error(`${name}: RMSE must fall, and stay near the noise ${noiseFloor}, got ${trainRmse.join(", ")}`);
      }
      return checksum(Float64Array.from(trainRmse));
    },
    facts() {
      const { peak, peakBeforeFit, fitSeconds, epochSeconds, generateSeconds } = result!;
      return {
        peakMemoryGB: peak / 1e9,
        peakMemoryBeforeFitGB: peakBeforeFit / 1e9,
        nsPerRating: (Math.min(...epochSeconds.slice(1)) * 1e9) / sizes.numRatings,
        fitSeconds,
        generateSeconds,
      };
    },
  };
}

function* cases({ quick }: { quick: boolean }): Iterable<BenchCase> {
  const shapes = quick ? TOY_SHAPES : SHAPES;
  const cores = availableParallelism();
  for (const threads of cores > 1 ? [1, cores] : [1]) {
    yield {
      name: `k ${FACTORS}, threads ${threads}`,
      size: shapes.map((shape) => `${shape.numUsers} × ${shape.numItems}, ${shape.numRatings} ratings`).join("; "),
      unit: "ratings",
      baseline: "10M",
      warmUp: false,
      competitors: shapes.map((shape) => competitor(shape, threads)),
    };
  }
}

const suite: Suite = {
  about: "an epoch and the memory of the Netflix shape, each in a fresh process",
  rounds: 1,
  cases,
};
export default suite;
