/** Epochs of AutoRec: the library's, and plain JavaScript's from the same weights over the same batches. */
import { AutoRec } from "../../src/index.js";
import { learningRateOf } from "../../src/models/autorec-settings.js";
import { AutoRecState, autorecStep } from "../baselines/autorec.js";
import { type AutoRecSetup, batchesOf, batchOrder, startWeights } from "./autorec-setup.js";
import { EpochSpeed, SUMS_OF_EPOCH } from "./autorec-speed.js";
import type { PeakMeter } from "./peak.js";
import { checksum } from "./statistics.js";
import type { Competitor } from "./suite.js";

/** How near training errors must be that were reached by the same steps. */
const AGREEMENT = 1e-3;

/** What has been reached from one setup: all must agree. */
export interface Reached {
  /** Training RMSE by epoch. */
  errors?: readonly number[];
  /** Checksums by what must give the same bits. */
  readonly bits: Map<string, string>;
}

/** @throws if errors do not fall to below the ratings' spread, or are not what others reached. */
export function checkErrors(
  name: string,
  errors: readonly number[],
  { interactions }: AutoRecSetup,
  reached: Reached,
): void {
  const falls = errors.every((rmse, epoch) => rmse < (errors[epoch - 1] ?? interactions.standardDeviation));
  if (!falls) throw new Error(`${name}: the training error must fall, got ${errors.join(", ")}`);
  reached.errors ??= errors;
  const agree = errors.every((rmse, epoch) => Math.abs(rmse / reached.errors![epoch]! - 1) <= AGREEMENT);
  if (!agree) throw new Error(`${name}: others reach ${reached.errors.join(", ")}, got ${errors.join(", ")}`);
}

/** @throws if others of the same key have other bits. */
export function checkBits(name: string, bits: string, key: string, { bits: known }: Pick<Reached, "bits">): void {
  const other = known.get(key) ?? bits;
  known.set(key, other);
  if (other !== bits) throw new Error(`${name}: every run must give the same bits, got ${bits} after ${other}`);
}

/** How the library runs. */
export interface Running {
  readonly threads: number;
  readonly reproducible: boolean;
  /** What one core can do; measured before each run. */
  readonly peak?: PeakMeter | undefined;
}

export const nameOf = ({ threads, reproducible }: Running): string =>
  `lowrank${reproducible ? " reproducible" : ""}, threads ${threads}`;

/** Epochs of a whole fit, by its own clock; the first, which finds cold code and cold caches, is not counted. */
export function libraryFit(setup: AutoRecSetup, reached: Reached, running: Running): Competitor {
  const { interactions, options } = setup;
  const { threads, reproducible, peak } = running;
  const name = nameOf(running);
  const speed = new EpochSpeed(setup, SUMS_OF_EPOCH, peak);
  let errors: number[] = [];
  let bits = "";
  return {
    name,
    work: interactions.size,
    prepare: () => speed.measurePeak(),
    async run() {
      const durations: number[] = [];
      errors = [];
      const model = new AutoRec({ ...options, threads, reproducible });
      await model.fit(interactions, {
        onEpoch({ epoch, seconds, trainRmse }) {
          errors.push(trainRmse);
          if (epoch > 1) durations.push(seconds * 1e3);
        },
      });
      bits = checksum(model.codes.values, model.outputWeights.values);
      model.dispose();
      return speed.add(durations);
    },
    check() {
      checkErrors(name, errors, setup, reached);
      checkBits(name, bits, reproducible ? "reproducible" : "fastest", reached);
      return bits;
    },
    facts: () => speed.facts(),
  };
}

/** Plain JavaScript's epochs from the start, timed as the library's are. */
export function javascriptFit(setup: AutoRecSetup, reached: Reached): Competitor {
  const { interactions, options, settings, scale } = setup;
  const name = "js";
  const speed = new EpochSpeed(setup, SUMS_OF_EPOCH);
  const batches = batchesOf(setup);
  let errors: number[] = [];
  let bits = "";
  return {
    name,
    work: interactions.size,
    run() {
      const weights = startWeights(setup);
      const state = new AutoRecState(weights, batches);
      const durations: number[] = [];
      errors = [];
      for (let epoch = 1; epoch <= options.epochs; epoch++) {
        const rate = learningRateOf(settings, epoch);
        const begin = performance.now();
        let squares = 0;
        for (const batch of batchOrder(settings, batches.length, epoch)) {
          squares += autorecStep(weights, state, batches[batch]!, rate);
        }
        if (epoch > 1) durations.push(performance.now() - begin);
        errors.push(scale * Math.sqrt(squares / interactions.size));
      }
      bits = checksum(weights.encoder, weights.decoder);
      return speed.add(durations);
    },
    check() {
      checkErrors(name, errors, setup, reached);
      return bits;
    },
    facts: () => speed.facts(),
  };
}
