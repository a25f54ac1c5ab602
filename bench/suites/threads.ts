/** What a second thread brings: the same epochs on one thread and on all cores, in turn. */
import { availableParallelism } from "node:os";
import type { BenchCase, Suite } from "../harness/suite.js";
import { FACTORS, library, makeRatings } from "./sgd.js";

/** More than in the suite that compares kernels: two threads feel every other program on the machine. */
const EPOCHS = 8;

function* cases({ quick }: { quick: boolean }): Iterable<BenchCase> {
  const data = makeRatings(quick);
  const { numUsers, numItems, size } = data.interactions;
  const cores = Math.max(2, availableParallelism());
  for (const factors of FACTORS) {
    const [one, all] = [1, cores].map((threads) => library(data, { factors, threads, epochs: EPOCHS }));
    yield {
      name: `sgd k ${factors}`,
      size: `${numUsers} × ${numItems}, ${size} ratings`,
      unit: "ratings",
      baseline: one!.name,
      competitors: [one!, all!],
    };
  }
}

const suite: Suite = { about: "epochs on one thread and on all cores, MovieLens-10M shape", rounds: 5, cases };
export default suite;
