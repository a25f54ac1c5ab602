import { describe, expect, test } from "vitest";
import { philox4x32, RandomPurpose, RandomStream } from "../../src/data/random.js";

/** The known answers of Random123 1.09, kat_vectors, philox4x32 10. */
const KNOWN_ANSWERS: [counter: number[], key: number[], answer: number[]][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

test.each(KNOWN_ANSWERS)("Philox gives the known answer for counter %j", (counter, key, answer) => {
  const out = new Uint32Array(4);
  const [c0, c1, c2, c3] = counter as [number, number, number, number];
  philox4x32(c0, c1, c2, c3, key[0]!, key[1]!, out);
  expect([...out]).toEqual(answer);
});

describe("RandomStream", () => {
  const take = (stream: RandomStream, count: number): number[] =>
    Array.from({ length: count }, () => stream.nextUint32());

  test("is Philox of (block, row, epoch, purpose) under the seed's two words", () => {
    const out = new Uint32Array(4);
    const seed = 5 * 2 ** 32 + 7;
    philox4x32(1, 11, 3, RandomPurpose.shuffle, 7, 5, out);
    expect(take(new RandomStream(seed, RandomPurpose.shuffle, 3, 11), 8).slice(4)).toEqual([...out]);
  });

  test("seek goes to the beginning of any row, whatever was drawn before", () => {
    const stream = new RandomStream(1, RandomPurpose.split);
    const first = take(stream, 7);
    stream.seek(9);
    const ninth = take(stream, 7);
    stream.seek(0);
    expect(take(stream, 7)).toEqual(first);
    expect(ninth).toEqual(take(new RandomStream(1, RandomPurpose.split, 0, 9), 7));
    stream.seek(9, 2);
    expect(take(stream, 7)).toEqual(take(new RandomStream(1, RandomPurpose.split, 2, 9), 7));
  });

  test("seed, purpose, epoch and row all change the numbers", () => {
    const streams = [
      new RandomStream(1, 1),
      new RandomStream(2, 1),
      new RandomStream(2 ** 32 + 1, 1),
      new RandomStream(1, 2),
      new RandomStream(1, 1, 1),
      new RandomStream(1, 1, 0, 1),
    ];
    expect(new Set(streams.map((stream) => stream.nextUint32())).size).toBe(streams.length);
  });

  test("nextBelow stays below its bound and takes every value equally often", () => {
    const stream = new RandomStream(4, RandomPurpose.synthetic);
    const counts = new Array<number>(7).fill(0);
    for (let draw = 0; draw < 70_000; draw++) counts[stream.nextBelow(7)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(22.46); // 6 degrees of freedom, one chance in a thousand
    expect(stream.nextBelow(1)).toBe(0);
  });

  test("nextBelow is without bias where 2^32 is far from a multiple of the bound", () => {
    // 2^32 / bound is 4/3: without rejection, multiples of three would have two words each and the others one
    const bound = 3 * 2 ** 30;
    const stream = new RandomStream(4, RandomPurpose.synthetic);
    const residues = [0, 0, 0];
    for (let draw = 0; draw < 30_000; draw++) residues[stream.nextBelow(bound) % 3]!++;
    for (const count of residues) expect(Math.abs(count - 10_000)).toBeLessThan(300);
  });

  test("nextUniform is strictly between 0 and 1, with mean 1/2", () => {
    const stream = new RandomStream(8, RandomPurpose.userFactors);
    let sum = 0;
    for (let draw = 0; draw < 10_000; draw++) {
      const uniform = stream.nextUniform();
      expect(uniform > 0 && uniform < 1).toBe(true);
      sum += uniform;
    }
    expect(Math.abs(sum / 10_000 - 0.5)).toBeLessThan(0.01);
  });
});
