/**
 * Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"). A draw depends on (seed, purpose, epoch, row, position) alone, never on a thread, a clock or the host's
 * `Math.random`, so any part of a computation can be done anywhere, in any order, with the same result.
 * `assembly/linalg/random.ts` is the same generator for the kernels.
 */

/** What a stream of random numbers is for: streams with different purposes are independent under one seed. */
export const RandomPurpose = {
  split: 1,
  folds: 2,
  leaveOneOut: 3,
  shuffle: 4,
  userFactors: 5,
  itemFactors: 6,
  strataOrder: 7,
  synthetic: 8,
  encoder: 9,
  decoder: 10,
  dropout: 11,
  batchRows: 12,
  batchOrder: 13,
} as const;

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** The high 32 bits of the 64-bit product of two u32. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16); // < 2^32: exact
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/** Philox4x32-10: encrypts the counter (c0, c1, c2, c3) under the key (k0, k1) into four u32, written to `out[0..4)`. */
export function philox4x32(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
): void {
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The random numbers of one (seed, purpose, epoch, row), in order. */
export class RandomStream {
  readonly #key0: number;
  readonly #key1: number;
  readonly #purpose: number;
  #epoch: number;
  #row: number;
  #block = 0;
  #used = 4;
  readonly #words = new Uint32Array(4);

  /** @param seed a whole number from 0 to 2^53 − 1. */
  constructor(seed: number, purpose: number, epoch = 0, row = 0) {
    this.#key0 = seed >>> 0;
    this.#key1 = Math.floor(seed / 2 ** 32) >>> 0;
    this.#purpose = purpose;
    this.#epoch = epoch;
    this.#row = row;
  }

  /** Starts again at the beginning of another row's (and epoch's) stream. */
  seek(row: number, epoch = this.#epoch): void {
    this.#row = row;
    this.#epoch = epoch;
    this.#block = 0;
    this.#used = 4;
  }

  /** The next 32 random bits, as a whole number in [0, 2^32). */
  nextUint32(): number {
    if (this.#used === 4) {
      philox4x32(this.#block++, this.#row, this.#epoch, this.#purpose, this.#key0, this.#key1, this.#words);
      this.#used = 0;
    }
    return this.#words[this.#used++]!;
  }

  /** A number in (0, 1): the middle of one of 2^32 equal cells, so that neither end ever comes. */
  nextUniform(): number {
    return (this.nextUint32() + 0.5) / 2 ** 32;
  }

  /** A whole number in [0, bound), 0 < bound < 2^32, without bias (Lemire 2019: multiply, reject the short cell). */
  nextBelow(bound: number): number {
    for (;;) {
      const word = this.nextUint32();
      const low = Math.imul(word, bound) >>> 0;
      if (low >= bound || low >= (2 ** 32 - bound) % bound) return multiplyHigh(word, bound);
    }
  }
}
