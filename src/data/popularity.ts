/** Power-law popularity, and draws in proportion to it. */
import { exactPower } from "./exact-math.js";
import type { RandomStream } from "./random.js";

/** The share of the ranks over which the head of the law is flat: without it the first few would take everything. */
const HEAD_SHARE = 0.01;

/** Binary digits of the exponent behind the point: few, as a draw from a law needs no more. */
const EXPONENT_BITS = 20;

/** Weights of the ranks 0 … count − 1, largest first: ((rank + ½) / count + 0.01)^−exponent (Zipf–Mandelbrot law). */
export function powerLawWeights(count: number, exponent: number): Float64Array {
  const weights = new Float64Array(count);
  for (let rank = 0; rank < count; rank++) {
    weights[rank] = 1 / exactPower((rank + 0.5) / count + HEAD_SHARE, exponent, EXPONENT_BITS);
  }
  return weights;
}

/**
 * `total` cut into one whole share a weight (weights largest first), each from `floor` to `ceiling`, as near to
 * proportional as whole numbers come. Asks for floor ≤ total / count ≤ ceiling.
 */
export function apportion(total: number, weights: Float64Array, floor: number, ceiling: number): Uint32Array {
  const count = weights.length;
  const shares = new Uint32Array(count).fill(floor);
  const weightFrom = new Float64Array(count + 1); // the sum of the weights from a rank to the end
  for (let rank = count - 1; rank >= 0; rank--) weightFrom[rank] = weightFrom[rank + 1]! + weights[rank]!;
  const room = ceiling - floor;
  let left = total - floor * count;
  let rank = 0;
  for (; rank < count && left * weights[rank]! >= room * weightFrom[rank]!; rank++) {
    const share = Math.min(room, left);
    shares[rank]! += share;
    left -= share;
  }
  const unit = left / weightFrom[rank]!;
  let given = 0;
  for (; rank < count; rank++) {
    const due = rank === count - 1 ? left : Math.floor(left - unit * weightFrom[rank + 1]!);
    shares[rank]! += due - given; // differences of a rising staircase: the shares add up to `left` exactly
    given = due;
  }
  return shares;
}

/** Draws positions in proportion to weights in constant time (alias method: Walker 1977, Vose 1991). */
export class AliasTable {
  readonly size: number;
  /** u32[size]: the share of a cell that is the cell's own, in 2^−32; the rest of it is the alias's. */
  readonly #own: Uint32Array;
  readonly #alias: Uint32Array;

  constructor(weights: Float64Array) {
    const size = weights.length;
    this.size = size;
    this.#own = new Uint32Array(size).fill(0xffffffff);
    this.#alias = Uint32Array.from({ length: size }, (_, position) => position);
    let sum = 0;
    for (let position = 0; position < size; position++) sum += weights[position]!;
    const height = weights.map((weight) => (weight * size) / sum);
    const small: number[] = [];
    const large: number[] = [];
    for (let position = 0; position < size; position++) (height[position]! < 1 ? small : large).push(position);
    while (small.length > 0 && large.length > 0) {
      const short = small.pop()!;
      const tall = large.at(-1)!;
      this.#own[short] = height[short]! * 0xffffffff;
      this.#alias[short] = tall;
      height[tall]! -= 1 - height[short]!;
      if (height[tall]! < 1) small.push(large.pop()!);
    }
  }

  /** One word a draw: its high part picks the cell, what is left of it the side (fewer than 2^21 positions: exact). */
  draw(random: RandomStream): number {
    const product = random.nextUint32() * this.size;
    const cell = Math.floor(product / 2 ** 32);
    return product - cell * 2 ** 32 < this.#own[cell]! ? cell : this.#alias[cell]!;
  }
}

/** Draws distinct positions, each in proportion to its weight among those not yet drawn. */
export class DistinctSampler {
  readonly #weights: Float64Array;
  readonly #table: AliasTable;
  /** u32[size]: the number of the set that took the position last, so that a new set needs no clearing. */
  readonly #takenBy: Uint32Array;
  #set = 0;

  constructor(weights: Float64Array) {
    this.#weights = weights;
    this.#table = new AliasTable(weights);
    this.#takenBy = new Uint32Array(weights.length);
  }

  /** Fills `out[begin, end)` with distinct positions; those in `out[0, begin)` are the set's already. */
  fill(out: Uint32Array, begin: number, end: number, random: RandomStream): void {
    const takenBy = this.#takenBy;
    const set = ++this.#set;
    for (let at = 0; at < begin; at++) takenBy[out[at]!] = set;
    let table = this.#table;
    let positions: Uint32Array | undefined;
    let repeats = 0;
    for (let at = begin; at < end; ) {
      const drawn = table.draw(random);
      const position = positions === undefined ? drawn : positions[drawn]!;
      if (takenBy[position] !== set) {
        takenBy[position] = set;
        out[at++] = position;
      } else if (++repeats >= table.size) {
        // As many repeats as a table costs to build: one of what is left pays, and keeps the draws exact.
        positions = this.#left();
        table = new AliasTable(Float64Array.from(positions, (left) => this.#weights[left]!));
        repeats = 0;
      }
    }
  }

  #left(): Uint32Array {
    const left: number[] = [];
    for (let position = 0; position < this.#takenBy.length; position++) {
      if (this.#takenBy[position] !== this.#set) left.push(position);
    }
    return Uint32Array.from(left);
  }
}
