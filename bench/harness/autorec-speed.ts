/** How fast epochs of AutoRec are, by the work that they cannot do without. */
import type { AutoRecSetup } from "./autorec-setup.js";
import type { PeakMeter } from "./peak.js";
import { minimum } from "./statistics.js";
import type { Facts } from "./suite.js";

/** Sums over the entries, each of a row of hidden units: x V; w·z; δ W, δ z and x D. */
export const SUMS_OF = { encodeTiles: 1, decodeRows: 1, learnTiles: 3 } as const;
export const SUMS_OF_EPOCH = 5;

/** The best epoch of several runs, the first of which is the warm-up and not counted. */
export class EpochSpeed {
  readonly #flops: number;
  readonly #peak: PeakMeter | undefined;
  #peakGflops = 0;
  #runs = 0;
  #bestMs = Infinity;

  /** @param sums of an epoch, or of the part of it that is timed · @param peak what the core can do */
  constructor({ interactions, options }: AutoRecSetup, sums: number, peak?: PeakMeter) {
    this.#flops = 2 * sums * interactions.size * options.hidden;
    this.#peak = peak;
  }

  /** Before each run. */
  measurePeak(): void {
    if (this.#peak) this.#peakGflops = Math.max(this.#peakGflops, this.#peak());
  }

  /** Takes the durations of a run's epochs in ms, and gives them back. */
  add(durations: readonly number[]): readonly number[] {
    if (this.#runs++ > 0) this.#bestMs = Math.min(this.#bestMs, minimum(durations));
    return durations;
  }

  facts(): Facts {
    const gflops = this.#flops / this.#bestMs / 1e6;
    const facts = { secondsPerEpoch: this.#bestMs / 1e3, gflops };
    if (!this.#peak) return facts;
    return { ...facts, peakGflops: this.#peakGflops, shareOfPeak: gflops / this.#peakGflops };
  }
}
