import type { BilinearScores } from "../ranking/bilinear-scores.js";

/** Keeps the factors of the epoch with the lowest validation RMSE; without validation, every epoch is the best so far. */
export class BestEpoch {
  readonly #scores: BilinearScores;
  #epoch = 0;
  #rmse = Number.POSITIVE_INFINITY;
  #bytes: Uint8Array | undefined;

  constructor(scores: BilinearScores) {
    this.#scores = scores;
  }

  /** Takes an epoch's result; returns whether it is the best so far. */
  offer(epoch: number, validationRmse: number | undefined): boolean {
    if (validationRmse !== undefined && !(validationRmse < this.#rmse)) return false;
    this.#epoch = epoch;
    if (validationRmse === undefined) return true;
    this.#rmse = validationRmse;
    this.#bytes ??= new Uint8Array(this.#scores.bytes.length);
    this.#bytes.set(this.#scores.bytes);
    return true;
  }

  /** How many epochs have passed since the best one. */
  epochsBehind(epoch: number): number {
    return epoch - this.#epoch;
  }

  /** Puts the best epoch's factors back. */
  restore(): void {
    if (this.#bytes) this.#scores.bytes.set(this.#bytes);
  }
}
