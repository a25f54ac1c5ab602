import { indexMap } from "../data/id-index.js";
import type { Interactions } from "../data/interactions.js";
import { ranges } from "../engine/chunks.js";
import { UNKNOWN_INDEX } from "../engine/kernels.js";
import { runRanges } from "../engine/run-ranges.js";
import type { TimeSlice } from "../engine/time-slice.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import type { TrainingContext } from "./rating-training.js";

const PAIRS_PER_CHUNK = 8192;

/** Held-out interactions by the indices of another index space: pairs that kernels can score. */
export interface IndexedPairs {
  /** u32[size], UNKNOWN_INDEX where the id is unknown */
  userIndices: Uint32Array;
  /** u32[size], UNKNOWN_INDEX where the id is unknown */
  itemIndices: Uint32Array;
  /** f32[size] */
  values: Float32Array;
}

/** The interactions, in order, with users and items numbered as in `known`. */
export function pairsOf(interactions: Interactions, known: Pick<Interactions, "users" | "items">): IndexedPairs {
  const { offsets, columns, values } = interactions.matrix;
  // A −1 written to a u32 is UNKNOWN_INDEX.
  const userMap = Uint32Array.from(indexMap(interactions.users, known.users));
  const itemMap = Uint32Array.from(indexMap(interactions.items, known.items));
  const userIndices = new Uint32Array(values.length).fill(UNKNOWN_INDEX);
  for (let user = 0; user < interactions.numUsers; user++) {
    userIndices.fill(userMap[user]!, offsets[user], offsets[user + 1]);
  }
  return { userIndices, itemIndices: columns.map((item) => itemMap[item]!), values };
}

/** The RMSE of a model in training over held-out interactions, computed on the pool. */
export class RatingValidation {
  readonly #context: TrainingContext;
  readonly #chunks: (readonly number[])[];
  readonly #pairPtrs: number[];
  readonly #rangePtr: number;
  readonly #size: number;
  readonly #scale: number;

  /** @param scale, offset the model is trained on (r − offset)/scale */
  constructor(
    context: TrainingContext,
    validation: Interactions,
    train: Interactions,
    { offset, scale, range }: { offset: number; scale: number; range: readonly [number, number] },
  ) {
    const { arena } = context.engine;
    const { userIndices, itemIndices, values } = pairsOf(validation, train);
    this.#context = context;
    this.#size = values.length;
    this.#scale = scale;
    this.#chunks = ranges(this.#size, PAIRS_PER_CHUNK);
    this.#pairPtrs = [userIndices, itemIndices, values].map((column) => context.scope.allocate(column.byteLength));
    arena.uint32(this.#pairPtrs[0]!, this.#size).set(userIndices);
    arena.uint32(this.#pairPtrs[1]!, this.#size).set(itemIndices);
    arena.float32(this.#pairPtrs[2]!, this.#size).set(values.map((value) => (value - offset) / scale));
    this.#rangePtr = context.scope.allocate(8);
    arena.float32(this.#rangePtr, 2).set(range.map((bound) => (bound - offset) / scale));
  }

  /** On the rating scale, predictions clipped to the range. */
  async rmse(scores: BilinearScores): Promise<number> {
    const shared = [...this.#pairPtrs, ...scores.tables, this.#rangePtr];
    const squares = await runRanges(this.#context, "squaredErrorPairs", this.#chunks, shared);
    return this.#scale * Math.sqrt(squares / this.#size);
  }
}

/** Pairs scored between two looks at the clock. */
const PAIRS_PER_LOOK = 8192;

/** The RMSE of scores over pairs, on the rating scale. */
export async function scoreRmse(
  scores: BilinearScores,
  { userIndices, itemIndices, values }: IndexedPairs,
  slice: TimeSlice,
): Promise<number> {
  let squares = 0;
  for (const [begin, end] of ranges(values.length, PAIRS_PER_LOOK)) {
    const predicted = scores.scorePairs(userIndices.subarray(begin, end), itemIndices.subarray(begin, end));
    for (const [at, score] of predicted.entries()) {
      const error = values[begin + at]! - score;
      squares += error * error;
    }
    if (slice.isOver) await slice.pause();
  }
  return Math.sqrt(squares / values.length);
}
