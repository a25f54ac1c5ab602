/** What training writes to. */
interface Trained {
  /** A view of what is kept, made anew each time: memory may have grown. */
  readonly bytes: Uint8Array;
}

/** Keeps what the epoch with the lowest validation RMSE has left; without validation, every epoch is the best so far. */
export class BestEpoch {
  readonly #trained: readonly Trained[];
  #epoch = 0;
  #rmse = Number.POSITIVE_INFINITY;
  #kept: readonly Uint8Array[] = [];

  /** @param trained all that a state of training is made of; none changes its size */
  constructor(...trained: readonly Trained[]) {
    this.#trained = trained;
  }

  /** Takes an epoch's result; returns whether it is the best so far. */
  offer(epoch: number, validationRmse: number | undefined): boolean {
    if (validationRmse !== undefined && !(validationRmse < this.#rmse)) return false;
    this.#epoch = epoch;
    if (validationRmse === undefined) return true;
    this.#rmse = validationRmse;
    if (this.#kept.length === 0) this.#kept = this.#trained.map(({ bytes }) => new Uint8Array(bytes.length));
    for (const [at, { bytes }] of this.#trained.entries()) this.#kept[at]!.set(bytes);
    return true;
  }

  /** How many epochs have passed since the best one. */
  epochsBehind(epoch: number): number {
    return epoch - this.#epoch;
  }

  /** Puts the best epoch's state back. */
  restore(): void {
    for (const [at, kept] of this.#kept.entries()) this.#trained[at]!.bytes.set(kept);
  }
}
