/** The epochs of gradient descent: rates, errors, early stopping, reports. */
import type { BestEpoch } from "./best-epoch.js";
import type { EpochReport, FitOptions } from "./model.js";

export interface Descent {
  readonly epochs: number;
  /** Ratings that an epoch goes over. */
  readonly size: number;
  /** What is trained: the best epoch's is kept. */
  readonly best: BestEpoch;
  /** Of an epoch, from 1. */
  learningRate(epoch: number): number;
  /** One epoch. @returns its training RMSE, on the rating scale @throws {Error} if the fit has diverged */
  train(epoch: number, learningRate: number): Promise<number>;
  /** @returns the RMSE over held-out ratings; undefined without any */
  validate(): Promise<number | undefined>;
}

/** Runs epochs until there are enough, or `patience` is at its end; the best one's state is put back. */
export async function descend(
  descent: Descent,
  { patience = Infinity, onEpoch }: Pick<FitOptions<EpochReport>, "patience" | "onEpoch">,
): Promise<void> {
  const { epochs, size, best } = descent;
  for (let epoch = 1; epoch <= epochs && best.epochsBehind(epoch - 1) < patience; epoch++) {
    const learningRate = descent.learningRate(epoch);
    const begin = performance.now();
    const trainRmse = await descent.train(epoch, learningRate);
    const seconds = (performance.now() - begin) / 1000;
    const validationRmse = await descent.validate();
    const isBest = best.offer(epoch, validationRmse);
    const ratingsPerSecond = size / Math.max(seconds, 1e-6); // a clock may be coarse
    onEpoch?.({ epoch, epochs, trainRmse, validationRmse, isBest, learningRate, seconds, ratingsPerSecond });
  }
  best.restore();
}
