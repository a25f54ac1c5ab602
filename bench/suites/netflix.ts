/** The Netflix shape (480,189 × 17,770, 100 million ratings) beside the MovieLens-10M shape, each in a fresh process. */
import { availableParallelism } from "node:os";
import { type FreshFit, freshFit } from "../harness/fresh-fit.js";
import type { BenchCase, Suite } from "../harness/suite.js";

const FITS: (FreshFit & { name: string })[] = [
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
        competitors: shapes.map(({ name, ...sizes }) => freshFit(name, { ...sizes, seed: 1 }, fit, threads)),
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
