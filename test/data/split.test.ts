import { describe, expect, test } from "vitest";
import { Interactions, type TrainTest } from "../../src/data/interactions.js";
import { RandomPurpose, RandomStream } from "../../src/data/random.js";
import { selectRank } from "../../src/data/select.js";

/** 1,000 interactions of 37 users with 50 items; value and timestamp tell which one it is. */
const whole = Interactions.fromColumns({
  users: Array.from({ length: 1000 }, (_, row) => row % 37),
  items: Array.from({ length: 1000 }, (_, row) => `item ${Math.floor(row / 37)}`),
  values: Array.from({ length: 1000 }, (_, row) => row),
  timestamps: Array.from({ length: 1000 }, (_, row) => (row * 7) % 100),
});

const rowsOf = (interactions: Interactions): number[] => [...interactions].map(({ value }) => value);

/** Both parts in the order of the whole, disjoint, together the whole, over the very same ids. */
function expectPartition({ train, test: held }: TrainTest, parent = whole): void {
  const trainRows = new Set(rowsOf(train));
  const heldRows = new Set(rowsOf(held));
  expect([...parent].filter(({ value }) => trainRows.has(value))).toEqual([...train]);
  expect([...parent].filter(({ value }) => heldRows.has(value))).toEqual([...held]);
  expect(trainRows.size + heldRows.size).toBe(parent.size);
  expect(new Set([...trainRows, ...heldRows]).size).toBe(parent.size);
  for (const part of [train, held]) {
    expect(part.users).toBe(parent.users);
    expect(part.items).toBe(parent.items);
    expect([part.matrix.numRows, part.matrix.numColumns]).toEqual([parent.numUsers, parent.numItems]);
  }
}

describe("split", () => {
  test.each([
    [0.1, 100],
    [0.25, 250],
    [0.3335, 334],
    [0.999, 999],
    [0.9999, 1000],
    [0.0004, 0],
  ])("%d of 1,000 is exactly %i to test on", (testFraction, size) => {
    const parts = whole.split({ testFraction });
    expect(parts.test.size).toBe(size);
    expectPartition(parts);
  });

  test("a tenth by default, with seed 1", () => {
    expect(rowsOf(whole.split().test)).toEqual(rowsOf(whole.split({ testFraction: 0.1, seed: 1 }).test));
  });

  test("a seed gives the same parts, another seed others", () => {
    expect(rowsOf(whole.split({ seed: 5 }).test)).toEqual(rowsOf(whole.split({ seed: 5 }).test));
    expect(rowsOf(whole.split({ seed: 5 }).test)).not.toEqual(rowsOf(whole.split({ seed: 6 }).test));
  });

  test("is selection sampling over Philox, bit for bit", () => {
    const random = new RandomStream(9, RandomPurpose.split);
    const chosen: number[] = [];
    rowsOf(whole).forEach((value, entry) => {
      if (chosen.length < 100 && random.nextBelow(1000 - entry) < 100 - chosen.length) chosen.push(value);
    });
    expect(rowsOf(whole.split({ testFraction: 0.1, seed: 9 }).test)).toEqual(chosen);
  });

  test("chooses every interaction equally often", () => {
    const small = Interactions.fromColumns({ users: [1, 1, 2, 2, 3], items: [1, 2, 1, 2, 1], values: [0, 1, 2, 3, 4] });
    const counts = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 5000; seed++) {
      for (const value of rowsOf(small.split({ testFraction: 0.4, seed }).test)) counts[value]!++;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(140); // 4 standard deviations
  });

  test("of nothing is nothing", () => {
    const { train, test: held } = Interactions.fromColumns({ users: [], items: [] }).split();
    expect([train.size, held.size]).toEqual([0, 0]);
  });

  test.each<[object, string]>([
    [{ testFraction: 2 }, "testFraction must be a number in (0, 1), got 2"],
    [{ testFraction: 0 }, "testFraction must be a number in (0, 1), got 0"],
    [{ testFraction: null }, "testFraction must be a number in (0, 1), got null"],
    [{ testFraction: "0.1" }, 'testFraction must be a number in (0, 1), got "0.1"'],
    [{ testFracton: 0.1 }, 'split: unknown option "testFracton"; did you mean "testFraction"?'],
    [{ seed: 1.5 }, "seed must be a whole number in [0, 2^53 − 1], got 1.5"],
  ])("refuses %j", (options, message) => {
    expect(() => whole.split(options)).toThrow(message);
  });
});

describe("folds", () => {
  test.each([2, 3, 7, 300, 1000])("%i folds: each interaction in one test set, sizes within one", (k) => {
    const seen: number[] = [];
    let count = 0;
    for (const { train, test: held } of whole.folds(k)) {
      count++;
      expect([Math.floor(1000 / k), Math.ceil(1000 / k)]).toContain(held.size);
      expect(train.size).toBe(1000 - held.size);
      seen.push(...rowsOf(held));
    }
    expect(count).toBe(k);
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, row) => row));
  });

  test("every pair is a partition", () => {
    for (const pair of whole.folds(4, { seed: 3 })) expectPartition(pair);
  });

  test("are made while iterating, and the same each time", () => {
    const folds = whole.folds(5, { seed: 2 });
    const first = [...folds].map(({ test: held }) => rowsOf(held));
    expect([...folds].map(({ test: held }) => rowsOf(held))).toEqual(first);
    expect([...whole.folds(5, { seed: 2 })].map(({ test: held }) => rowsOf(held))).toEqual(first);
    expect([...whole.folds(5, { seed: 3 })].map(({ test: held }) => rowsOf(held))).not.toEqual(first);
  });

  test("are shuffled: a test set is no pattern of positions", () => {
    const [{ test: held }] = [...whole.folds(2)] as [TrainTest];
    const positions = new Set(rowsOf(held));
    const neighbours = [...positions].filter((row) => positions.has(row + 1)).length;
    expect(Math.abs(neighbours - 250)).toBeLessThan(60);
  });

  test("refuses bad arguments at once, not when iterated", () => {
    expect(() => whole.folds(1)).toThrow(new RangeError("k must be a whole number in [2, 1000], got 1"));
    expect(() => whole.folds(1001)).toThrow("k must be a whole number in [2, 1000], got 1001");
    expect(() => whole.folds("5" as never)).toThrow(new TypeError('k must be a whole number in [2, 1000], got "5"'));
    expect(() => whole.folds(5, { sed: 1 } as never)).toThrow('folds: unknown option "sed"; did you mean "seed"?');
    const single = Interactions.fromColumns({ users: [1], items: [1] });
    expect(() => single.folds(2)).toThrow("folds needs at least two interactions, got 1");
  });
});

describe("leaveOneOut", () => {
  const data = Interactions.fromColumns({
    users: [1, 1, 1, 2, 3, 3, 3],
    items: [1, 2, 3, 1, 1, 2, 3],
    values: [10, 11, 12, 20, 30, 31, 32],
    timestamps: [5, 9, 7, 1, 4, 8, 8],
  });

  test("tests on each user's latest, of equal times the later in order; a single one stays in train", () => {
    const parts = data.leaveOneOut();
    expect(rowsOf(parts.test)).toEqual([11, 32]);
    expect(rowsOf(parts.train)).toEqual([10, 12, 20, 30, 31]);
    expect(parts.test.timestamps).toEqual(Float64Array.of(9, 8));
    expectPartition(parts, data);
    expect(rowsOf(data.leaveOneOut({ by: "time" }).test)).toEqual([11, 32]);
  });

  test("at random: one of each, by seed, each equally likely", () => {
    expect(rowsOf(data.leaveOneOut({ by: "random", seed: 4 }).test)).toEqual(
      rowsOf(data.leaveOneOut({ by: "random", seed: 4 }).test),
    );
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 3000; seed++) {
      const rows = rowsOf(data.leaveOneOut({ by: "random", seed }).test);
      expect(rows.map((row) => Math.floor(row / 10))).toEqual([1, 3]);
      for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
    }
    for (const row of [10, 11, 12, 30, 31, 32]) expect(Math.abs(counts.get(row)! - 1000)).toBeLessThan(110);
  });

  test("a user's choice at random hangs on seed and user alone", () => {
    for (let seed = 0; seed < 20; seed++) {
      const chosen = (user: number) => new RandomStream(seed, RandomPurpose.leaveOneOut, 0, user).nextBelow(3);
      const expected = [10 + chosen(0), 30 + chosen(2)];
      expect(rowsOf(data.leaveOneOut({ by: "random", seed }).test)).toEqual(expected);
    }
  });

  test("refuses bad options, and time where there is none", () => {
    const timeless = Interactions.fromColumns({ users: [1, 1], items: [1, 2] });
    expect(() => timeless.leaveOneOut()).toThrow(
      'leaveOneOut: by "time" needs timestamps, got interactions without them; use by: "random"',
    );
    expect(timeless.leaveOneOut({ by: "random" }).test.size).toBe(1);
    expect(() => data.leaveOneOut({ by: "tim" } as never)).toThrow('by must be "time" | "random", got "tim"');
    expect(() => data.leaveOneOut({ seeds: 1 } as never)).toThrow('did you mean "seed"?');
  });
});

describe("splitByTime", () => {
  const times = (interactions: Interactions): number[] => [...interactions].map(({ timestamp }) => timestamp!);

  test("at a time: from it on is test", () => {
    const parts = whole.splitByTime({ at: 60 });
    expectPartition(parts);
    expect(times(parts.train).every((time) => time < 60)).toBe(true);
    expect(times(parts.test).every((time) => time >= 60)).toBe(true);
    expect(parts.test.size).toBe(400);
  });

  test("by share: the latest, exactly where no times tie", () => {
    const { test: held, train } = whole.splitByTime({ testFraction: 0.2 });
    expect([held.size, train.size]).toEqual([200, 800]);
    expect(Math.max(...times(train))).toBe(79);
    expect(Math.min(...times(held))).toBe(80);
  });

  test("by share: ties at the border go to train wholly", () => {
    const parts = whole.splitByTime({ testFraction: 0.205 }); // each time ten times: the border cuts the ten at 79
    expectPartition(parts);
    expect(parts.test.size).toBe(200);
    const same = Interactions.fromColumns({ users: [1, 2, 3], items: [1, 1, 1], timestamps: [5, 5, 5] });
    expect(same.splitByTime({ testFraction: 0.5 }).test.size).toBe(0);
  });

  test("refuses bad options, and data without times", () => {
    const timeless = Interactions.fromColumns({ users: [1, 1], items: [1, 2] });
    expect(() => timeless.splitByTime({ testFraction: 0.5 })).toThrow("splitByTime needs timestamps, got");
    expect(() => whole.splitByTime({} as never)).toThrow("must have either testFraction or at, got neither");
    expect(() => whole.splitByTime({ at: 5, testFraction: 0.5 } as never)).toThrow("got both");
    expect(() => whole.splitByTime({ at: Number.NaN })).toThrow("at must be a finite number, got NaN");
    expect(() => whole.splitByTime({ at: 1.5e12 })).toThrow(
      "at must be a number in (0, 99], the range of the timestamps, got 1500000000000",
    );
    expect(() => whole.splitByTime({ at: 0 })).toThrow("at must be a number in (0, 99]");
    expect(whole.splitByTime({ at: 99 }).test.size).toBe(10);
    expect(() => whole.splitByTime({ testFraction: 1 })).toThrow("testFraction must be a number in (0, 1), got 1");
  });
});

describe("selectRank", () => {
  test("finds every rank of random, sorted, reversed and equal values", () => {
    const random = new RandomStream(1, RandomPurpose.synthetic);
    for (const length of [1, 2, 3, 4, 5, 17, 100]) {
      const values = [
        Float64Array.from({ length }, () => random.nextUniform()),
        Float64Array.from({ length }, () => random.nextBelow(4)),
        Float64Array.from({ length }, (_, at) => at),
        Float64Array.from({ length }, (_, at) => -at),
        new Float64Array(length).fill(3),
      ];
      for (const list of values) {
        const sorted = list.slice().sort();
        for (let rank = 0; rank < length; rank++) expect(selectRank(list.slice(), rank)).toBe(sorted[rank]);
      }
    }
  });
});
