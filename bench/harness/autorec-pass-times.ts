/** A pass of AutoRec's epochs as a competitor. */
import { learningRateOf } from "../../src/models/autorec-settings.js";
import { checkBits, checkErrors, nameOf, type Reached, type Running } from "./autorec-fits.js";
import { shareOfLearning } from "./autorec-parts.js";
import { AutoRecPasses, type Pass } from "./autorec-passes.js";
import type { AutoRecSetup } from "./autorec-setup.js";
import { EpochSpeed, SUMS_OF } from "./autorec-speed.js";
import { checksum } from "./statistics.js";
import type { Competitor, Facts } from "./suite.js";

const EPOCHS_PER_RUN = 3;

/** Each run is some more epochs of one training, all at the first one's rate. */
export function passTime(setup: AutoRecSetup, reached: Reached, pass: Pass, running: Running): Competitor {
  const { interactions, options } = setup;
  const { threads, reproducible, peak } = running;
  const name = nameOf(running);
  const rate = learningRateOf(setup.settings, 1);
  const speed = new EpochSpeed(setup, SUMS_OF[pass], peak);
  const errors: number[] = [];
  let passes: AutoRecPasses | undefined;
  let shares: Facts | undefined;
  return {
    name,
    work: 2 * SUMS_OF[pass] * interactions.size * options.hidden,
    async prepare() {
      shares ??= pass === "learnTiles" && threads === 1 ? await shareOfLearning(setup, reproducible) : {};
      passes ??= await AutoRecPasses.open(setup, { threads, reproducible });
      speed.measurePeak();
    },
    async run() {
      const durations: number[] = [];
      for (let turn = 0; turn < EPOCHS_PER_RUN; turn++) {
        const { rmse, ms } = await passes!.runEpoch(errors.length + 1, rate);
        errors.push(rmse);
        durations.push(ms[pass]);
      }
      return speed.add(durations);
    },
    check() {
      checkErrors(name, errors.slice(0, 1), setup, reached);
      const bits = checksum(Float64Array.from(errors));
      checkBits(name, bits, `passes ${reproducible ? "reproducible" : "fastest"}`, reached);
      return bits;
    },
    facts: () => ({ ...speed.facts(), ...shares }),
    dispose() {
      passes?.dispose();
      passes = undefined;
    },
  };
}
