/** Biased matrix factorisation by SGD, MovieLens-10M shape: epochs of the library against plain JavaScript, per core. */

import { type SyntheticRatings, syntheticRatings } from "../../src/data/synthetic.js";
import { MatrixFactorization } from "../../src/index.js";
import { adamEpoch, adamState } from "../baselines/adam.js";
import {
  adagradEpoch,
  adagradState,
  type BaselineModel,
  type BaselineRatings,
  baselineRmse,
  sgdEpoch,
} from "../baselines/sgd.js";
import { Prototype } from "../harness/prototype.js";
import { checksum } from "../harness/statistics.js";
import type { BenchCase, Competitor, Suite } from "../harness/suite.js";
import { blockedTriples, sampleTriples, shuffledTriples, startFactors } from "../harness/triples.js";

export const FACTORS = [16, 32, 64, 128];
/** The optimisers beside SGD are also measured against their own baselines, at this many factors. */
const OTHERS_FACTORS = 64;
/** Epochs of a fit; the first, which finds cold code and cold caches, is not counted. */
const EPOCHS = 6;
const RATES = { learningRate: 0.01, regularization: 0.02 };
const SEED = 1;
const SAMPLED = 97;

/** The ratings, in the order of each kind of loop. */
export interface BenchRatings extends SyntheticRatings {
  blocked: BaselineRatings;
  shuffled: BaselineRatings;
}

export function makeRatings(quick: boolean): BenchRatings {
  const sizes = quick
    ? { numUsers: 700, numItems: 300, numRatings: 30_000 }
    : { numUsers: 69_878, numItems: 10_677, numRatings: 10_000_000 };
  const made = syntheticRatings({ ...sizes, seed: SEED });
  const { matrix } = made.interactions;
  return { ...made, blocked: blockedTriples(matrix), shuffled: shuffledTriples(matrix, SEED) };
}

/** @throws if a model learnt nothing, or cannot be true. */
function checkRmse(name: string, rmse: number, { interactions, noiseFloor }: BenchRatings): void {
  if (!(rmse > 0.5 * noiseFloor && rmse < interactions.standardDeviation)) {
    const bounds = `${0.5 * noiseFloor} and ${interactions.standardDeviation}`;
    throw new Error(`${name}: RMSE must lie between ${bounds}, got ${rmse}`);
  }
}

function startModel({ interactions }: BenchRatings, factors: number): BaselineModel {
  const { numUsers, numItems, mean } = interactions;
  return {
    mean,
    stride: factors,
    userFactors: startFactors(numUsers * factors, 0.1, SEED),
    itemFactors: startFactors(numItems * factors, 0.1, SEED + 1),
    userBiases: new Float32Array(numUsers),
    itemBiases: new Float32Array(numItems),
  };
}

type BaselineEpoch = (model: BaselineModel, ratings: BaselineRatings) => () => void;

/** One epoch of plain JavaScript from the start, each time. */
function baseline(name: string, data: BenchRatings, order: BaselineRatings, factors: number, epoch: BaselineEpoch) {
  let model: BaselineModel | undefined;
  let run = () => {};
  const competitor: Competitor = {
    name,
    work: data.interactions.size,
    prepare() {
      model = startModel(data, factors);
      run = epoch(model, order);
    },
    run: () => run(),
    check() {
      checkRmse(name, baselineRmse(model!, sampleTriples(order, SAMPLED)), data);
      return checksum(model!.userFactors, model!.itemFactors);
    },
    dispose() {
      model = undefined;
      run = () => {};
    },
  };
  return competitor;
}

const sgdFrom: BaselineEpoch = (model, ratings) => () => {
  sgdEpoch(model, ratings, RATES);
};

function adagradFrom(factors: number): BaselineEpoch {
  return (model, ratings) => {
    const state = adagradState(model);
    return () => {
      adagradEpoch(model, ratings, { ...RATES, learningRate: 0.1 }, factors, state);
    };
  };
}

const adamFrom: BaselineEpoch = (model, ratings) => {
  const state = adamState(model);
  return () => {
    adamEpoch(model, ratings, { ...RATES, learningRate: 0.001 }, state);
  };
};

interface LibraryOptions {
  factors: number;
  threads: number;
  optimizer?: "sgd" | "adagrad" | "adam";
  reproducible?: boolean;
  epochs?: number;
}

/** Epochs of a whole fit, by its own clock. */
export function library(data: BenchRatings, options: LibraryOptions): Competitor {
  const { factors, threads, optimizer = "sgd", reproducible = false, epochs = EPOCHS } = options;
  const name = `lowrank ${optimizer}${reproducible ? " reproducible" : ""}, threads ${threads}`;
  let errors: number[] = [];
  return {
    name,
    work: data.interactions.size,
    async run() {
      const durations: number[] = [];
      errors = [];
      const model = new MatrixFactorization({ factors, threads, optimizer, reproducible, seed: SEED, epochs });
      await model.fit(data.interactions, {
        onEpoch({ epoch, seconds, trainRmse }) {
          errors.push(trainRmse);
          if (epoch > 1) durations.push(seconds * 1e3);
        },
      });
      model.dispose();
      return durations;
    },
    check() {
      checkRmse(name, errors.at(-1)!, data);
      return checksum(Float64Array.from(errors));
    },
  };
}

/** The prototype's epoch over the blocked triples, from the start each time. */
async function prototype(data: BenchRatings, factors: number): Promise<Competitor[]> {
  const { size, numUsers, numItems } = data.interactions;
  const opened = await Prototype.open(4 * (3 * size + (numUsers + numItems) * (factors + 1)) + 4096);
  if (!opened) return [];
  const [users, items, values] = [data.blocked.users, data.blocked.items, data.blocked.values].map((column) =>
    opened.put(column),
  );
  const start = startModel(data, factors);
  const p = opened.put(start.userFactors);
  const q = opened.put(start.itemFactors);
  const userBiases = opened.put(start.userBiases);
  const itemBiases = opened.put(start.itemBiases);
  const sgd = opened.kernels.sgd!;
  const pointers = [users!.ptr, items!.ptr, values!.ptr, size, p.ptr, q.ptr, userBiases.ptr, itemBiases.ptr];
  const views = { userFactors: p.view, itemFactors: q.view, userBiases: userBiases.view, itemBiases: itemBiases.view };
  const model: BaselineModel = { ...start, ...views };
  return [
    {
      name: "prototype",
      work: size,
      prepare() {
        p.view.set(start.userFactors);
        q.view.set(start.itemFactors);
        userBiases.view.fill(0);
        itemBiases.view.fill(0);
      },
      run() {
        sgd(...pointers, factors, start.mean, RATES.learningRate, RATES.regularization);
      },
      check() {
        checkRmse("prototype", baselineRmse(model, sampleTriples(data.blocked, SAMPLED)), data);
        return checksum(p.view, q.view);
      },
    },
  ];
}

async function* cases({ quick }: { quick: boolean }): AsyncIterable<BenchCase> {
  const data = makeRatings(quick);
  const { numUsers, numItems, size } = data.interactions;
  const words = `${numUsers} × ${numItems}, ${size} ratings`;
  for (const factors of FACTORS) {
    yield {
      name: `sgd k ${factors}`,
      size: words,
      unit: "ratings",
      baseline: "js",
      competitors: [
        baseline("js", data, data.blocked, factors, sgdFrom),
        baseline("js shuffled", data, data.shuffled, factors, sgdFrom),
        ...(await prototype(data, factors)),
        library(data, { factors, threads: 1 }),
        library(data, { factors, threads: 1, reproducible: true }),
        library(data, { factors, threads: 2 }),
        library(data, { factors, threads: 1, optimizer: "adagrad" }),
        library(data, { factors, threads: 1, optimizer: "adam" }),
      ],
    };
  }
  const others = { adagrad: adagradFrom(OTHERS_FACTORS), adam: adamFrom };
  for (const optimizer of ["adagrad", "adam"] as const) {
    yield {
      name: `${optimizer} k ${OTHERS_FACTORS}`,
      size: words,
      unit: "ratings",
      baseline: "js",
      competitors: [
        baseline("js", data, data.blocked, OTHERS_FACTORS, others[optimizer]),
        library(data, { factors: OTHERS_FACTORS, threads: 1, optimizer }),
        library(data, { factors: OTHERS_FACTORS, threads: 2, optimizer }),
      ],
    };
  }
}

const suite: Suite = { about: "epochs of biased matrix factorisation, MovieLens-10M shape", rounds: 3, cases };
export default suite;
