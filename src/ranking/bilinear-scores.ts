import type { Arena, Scope } from "../engine/arena.js";
import { type Kernels, UNKNOWN_INDEX } from "../engine/kernels.js";
import { Matrix, strideOf } from "../engine/matrix.js";

/** Pairs scored in one call: few enough that what a call borrows stays small. */
const BATCH = 65536;

/** Bytes of a table of floats, rounded up so that the next begins on a cache line. */
const tableBytes = (floats: number): number => Math.ceil(floats / 16) * 64;

/** Items and their scores, best first. */
export interface RankedItems {
  itemIndices: Uint32Array;
  scores: Float32Array;
}

/** What a bilinear model is made of, as typed arrays over users and items in index order. */
export interface BilinearParts {
  numUsers: number;
  numItems: number;
  factors: number;
  /** The score of a pair of which nothing is known. */
  offset: number;
  /** Scores are clipped to this range, both ends included, when they leave. */
  range: readonly [lowest: number, highest: number];
}

/**
 * Factors → scores → top k, for every model of the form score = offset + b_u + b_i + p_u·q_i. Holds the factors in the
 * engine's memory. A user or item index of UNKNOWN_INDEX stands for one the model has never met, and adds nothing.
 */
export class BilinearScores {
  readonly userFactors: Matrix;
  readonly itemFactors: Matrix;
  readonly offset: number;
  readonly range: readonly [lowest: number, highest: number];
  /** @internal f32[numUsers], byte address */
  readonly userBiasPtr: number;
  /** @internal f32[numItems], byte address */
  readonly itemBiasPtr: number;
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #scope: Scope;
  /** @internal The four tables, one behind the other: the byte address of the first. */
  readonly ptr: number;
  readonly #bytes: number;

  /** All zero, to be written by the model; `dispose` gives the memory back. */
  constructor(arena: Arena, kernels: Kernels, { numUsers, numItems, factors, offset, range }: BilinearParts) {
    this.#arena = arena;
    this.#kernels = kernels;
    this.offset = offset;
    this.range = range;
    const stride = strideOf(factors);
    const sizes = [numUsers * stride, numItems * stride, numUsers, numItems].map(tableBytes);
    this.#scope = arena.scope();
    this.#bytes = sizes.reduce((sum, size) => sum + size, 0);
    this.ptr = this.#scope.allocate(this.#bytes);
    this.userFactors = new Matrix(arena, this.ptr, numUsers, factors, this);
    this.itemFactors = new Matrix(arena, this.ptr + sizes[0]!, numItems, factors, this);
    this.userBiasPtr = this.ptr + sizes[0]! + sizes[1]!;
    this.itemBiasPtr = this.userBiasPtr + sizes[2]!;
  }

  /** f32[numUsers]: a view, stale once memory has grown. */
  get userBias(): Float32Array {
    return this.#arena.float32(this.userBiasPtr, this.userFactors.rows);
  }

  /** f32[numItems]: a view, stale once memory has grown. */
  get itemBias(): Float32Array {
    return this.#arena.float32(this.itemBiasPtr, this.itemFactors.rows);
  }

  /** @internal What frees the memory; for a registry of objects that were forgotten. */
  get release(): () => void {
    const scope = this.#scope;
    return () => scope.release();
  }

  /** The four tables in the order in which every kernel over pairs takes them, and the stride. */
  get tables(): [
    userFactorsPtr: number,
    itemFactorsPtr: number,
    userBiasPtr: number,
    itemBiasPtr: number,
    stride: number,
  ] {
    const { userFactors, itemFactors } = this;
    return [userFactors.ptr, itemFactors.ptr, this.userBiasPtr, this.itemBiasPtr, userFactors.stride];
  }

  /** All four tables as bytes: what to copy to keep a state of training, and to write to go back to it. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#arena.memory.buffer, this.ptr, this.#bytes);
  }

  /** The clipped score of each pair (userIndices[t], itemIndices[t]); arrays of equal length. */
  scorePairs(userIndices: Uint32Array, itemIndices: Uint32Array): Float32Array {
    const scores = new Float32Array(userIndices.length);
    this.#arena.scoped((scope) => {
      const most = Math.min(BATCH, scores.length);
      const usersPtr = scope.allocate(most * 4);
      const itemsPtr = scope.allocate(most * 4);
      const scoresPtr = scope.allocate(most * 4);
      for (let begin = 0; begin < scores.length; begin += BATCH) {
        const end = Math.min(begin + BATCH, scores.length);
        this.#arena.uint32(usersPtr, most).set(userIndices.subarray(begin, end));
        this.#arena.uint32(itemsPtr, most).set(itemIndices.subarray(begin, end));
        this.#kernels.scorePairs(0, end - begin, usersPtr, itemsPtr, ...this.tables, this.offset, scoresPtr);
        scores.set(this.#arena.float32(scoresPtr, end - begin), begin);
      }
    });
    return this.#clip(scores);
  }

  /**
   * The `count` best items for a user, fewer if there are no more; ties by index. Items are ranked by their score
   * before clipping, so that those beyond the range keep their order.
   * @param excluded item indices to leave out
   */
  topItems(userIndex: number, count: number, excluded: Iterable<number>): RankedItems {
    const numItems = this.itemFactors.rows;
    const most = Math.min(count, numItems);
    return this.#arena.scoped((scope) => {
      const scoresPtr = scope.allocate(numItems * 4);
      const indicesPtr = scope.allocate(most * 4);
      const topScoresPtr = scope.allocate(most * 4);
      this.#kernels.scoreColumns(0, numItems, userIndex, ...this.tables, this.offset, scoresPtr);
      const scores = this.#arena.float32(scoresPtr, numItems);
      for (const itemIndex of excluded) scores[itemIndex] = Number.NEGATIVE_INFINITY;
      const found = this.#kernels.selectTop(numItems, most, scoresPtr, indicesPtr, topScoresPtr);
      return {
        itemIndices: this.#arena.uint32(indicesPtr, found).slice(),
        scores: this.#clip(this.#arena.float32(topScoresPtr, found).slice()),
      };
    });
  }

  dispose(): void {
    this.#scope.release();
  }

  #clip(scores: Float32Array): Float32Array {
    const [lowest, highest] = this.range;
    for (let t = 0; t < scores.length; t++) scores[t] = Math.min(Math.max(scores[t]!, lowest), highest);
    return scores;
  }
}

/** The index of an id for the kernels: UNKNOWN_INDEX where `indexOf` says −1. */
export function kernelIndex(index: number): number {
  return index < 0 ? UNKNOWN_INDEX : index;
}
