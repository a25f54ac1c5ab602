import { appendInteractions, type Grown } from "../data/append.js";
import type { Interactions } from "../data/interactions.js";
import type { Engine } from "../engine/engine.js";
import { countEntries } from "../engine/entry-counts.js";
import type { JobContext } from "../engine/run-ranges.js";
import { TimeSlice } from "../engine/time-slice.js";
import { BilinearScores } from "../ranking/bilinear-scores.js";
import type { FittedScores } from "./engine-model.js";

/** A model's way from one state to the next. */
export interface Growth<State> {
  readonly context: JobContext;
  /** What was fitted; it stays as it is. */
  readonly state: State;
  /** The next scores, to be written to: so far the old rows as they were, and behind them zeros for what is new. */
  readonly scores: BilinearScores;
  readonly grown: Grown;
  readonly slice: TimeSlice;
}

/**
 * A model's next state: with `more` interactions, their users and items.
 * @param learn what those bring, written to the next scores; gives the rest of the state
 * @throws what `learn` throws; {Error} if the state has no training interactions; the signal's reason
 */
export async function growModel<State extends FittedScores, Rest extends object>(
  engine: Engine,
  state: State,
  more: Interactions,
  run: { threads: number; signal: AbortSignal | undefined },
  learn: (growth: Growth<State>) => Promise<Rest>,
): Promise<FittedScores & Rest> {
  const { scores: old, users, items, seen } = state;
  if (!seen) {
    throw new Error("partialFit needs the training interactions, which this model was made or saved without; call fit");
  }
  const slice = new TimeSlice(run.signal);
  const grown = appendInteractions({ users, items, matrix: seen }, more);
  if (slice.isOver) await slice.pause();
  const [lowest, highest] = old.range;
  const scores = new BilinearScores(engine, old.variant, {
    numUsers: grown.users.size,
    numItems: grown.items.size,
    factors: old.userFactors.columns,
    offset: old.offset,
    link: old.link,
    range: [Math.min(lowest, more.minimum), Math.max(highest, more.maximum)],
  });
  try {
    scores.userFactors.values.set(old.userFactors.values);
    scores.itemFactors.values.set(old.itemFactors.values);
    scores.userBias.set(old.userBias);
    scores.itemBias.set(old.itemBias);
    const rest = await learn({ context: { engine, variant: old.variant, run }, state, scores, grown, slice });
    const counts = await countEntries(grown.matrix, slice);
    return { scores, users: grown.users, items: grown.items, seen: grown.matrix, counts, ...rest };
  } catch (error) {
    scores.dispose();
    throw error;
  }
}
