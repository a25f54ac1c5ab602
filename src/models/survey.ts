import type { Interactions } from "../data/interactions.js";
import { countEntries, type EntryCounts } from "../engine/entry-counts.js";
import { TimeSlice } from "../engine/time-slice.js";

/** Looks over the training data in slices, before a fit: counts users' and items' entries, and readies the statistics. */
export async function survey(train: Interactions, signal: AbortSignal | undefined): Promise<EntryCounts> {
  signal?.throwIfAborted();
  const slice = new TimeSlice(signal);
  await slice.drain(train.summarizeInSteps());
  return countEntries(train.matrix, slice);
}

/** The ratings' root mean squared distance from `offset`; 1 where all are equal to it. */
export function spreadOf(train: Interactions, offset: number): number {
  const deviation = train.standardDeviation;
  const distance = train.mean - offset;
  const squares = deviation * deviation + distance * distance; // not **, which an engine may round as it likes
  return squares > 0 ? Math.sqrt(squares) : 1;
}
