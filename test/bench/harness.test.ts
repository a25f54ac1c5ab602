import { expect, test } from "vitest";
import { peakMemory } from "../../bench/harness/peak-memory.js";
import { runCase } from "../../bench/harness/rounds.js";
import { checksum, median, minimum } from "../../bench/harness/statistics.js";
import type { BenchCase, Competitor } from "../../bench/harness/suite.js";
import { blockedTriples, sampleTriples, shuffledTriples } from "../../bench/harness/triples.js";
import { syntheticRatings } from "../../src/data/synthetic.js";

/** A competitor that says its runs took these durations, and notes what is asked of it. */
function told(name: string, log: string[], durations: readonly number[], isAsync: boolean): Competitor {
  return {
    name,
    work: 1000,
    prepare: () => void log.push(`prepare ${name}`),
    run() {
      log.push(`run ${name}`);
      return isAsync ? Promise.resolve(durations) : durations;
    },
    check: () => `${name} ok`,
    dispose: () => void log.push(`dispose ${name}`),
  };
}

function caseOf(competitors: Competitor[]): BenchCase {
  return { name: "case", size: "none", unit: "things", baseline: "slow", competitors };
}

test("rounds take turns, every run is prepared, ratios are per round", async () => {
  const log: string[] = [];
  const outcomes = await runCase(caseOf([told("slow", log, [10, 12, 20], false), told("fast", log, [2, 4], true)]), 2);
  const turn = ["prepare slow", "run slow", "prepare fast", "run fast"];
  expect(log).toEqual([...turn, ...turn, ...turn, "dispose slow", "dispose fast"]); // the first is the warm-up
  const [slow, fast] = outcomes;
  expect(slow).toMatchObject({ minimum: 10, median: 12, bestRate: 100_000, ratio: { minimum: 1, median: 1 } });
  expect(fast).toMatchObject({
    minimum: 2,
    median: 3,
    rounds: [
      [2, 4],
      [2, 4],
    ],
    ratio: { minimum: 4, median: 4 },
  });
  expect(fast!.checksum).toBe("fast ok");
});

test("what does not time itself is timed, run by run", async () => {
  const spin = () => {
    for (const end = performance.now() + 3; performance.now() < end; );
  };
  const competitor = { name: "slow", work: 1, run: spin, check: () => "" };
  const [outcome] = await runCase({ ...caseOf([competitor]), runsPerRound: 4 }, 3);
  expect(outcome!.rounds.map((samples) => samples.length)).toEqual([4, 4, 4]);
  expect(outcome!.minimum).toBeGreaterThan(2.9);
});

test("a wrong result or a failing run ends the case, and gives memory back", async () => {
  const log: string[] = [];
  const wrong = {
    ...told("slow", log, [1], false),
    check() {
      throw new Error("not the sum");
    },
  };
  await expect(runCase(caseOf([wrong]), 1)).rejects.toThrow("not the sum");
  const failing = { ...told("slow", log, [1], false), run: () => Promise.reject(new Error("singular")) };
  await expect(runCase({ ...caseOf([failing]), warmUp: false }, 1)).rejects.toThrow("singular");
  expect(log.filter((line) => line.startsWith("dispose"))).toHaveLength(2);
});

test("medians, minima, checksums", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), minimum([3, 1, 2])]).toEqual([2, 2.5, 1]);
  expect(checksum(new TextEncoder().encode("foobar"))).toBe("bf9cf968"); // FNV-1a's own test vector
});

test("the peak of memory is this process's own", () => {
  const { rss } = process.memoryUsage();
  expect(peakMemory()).toBeGreaterThan(0.9 * rss);
  expect(peakMemory()).toBeLessThanOrEqual(1.1 * 1024 * process.resourceUsage().maxRSS);
});

test("triples in every order are the same ratings", () => {
  const { interactions } = syntheticRatings({ numUsers: 3000, numItems: 700, numRatings: 20_000 });
  const { matrix } = interactions;
  const shuffled = shuffledTriples(matrix, 1);
  const key = (user: number, item: number, value: number) => (user * 700 + item) * 10 + value;
  const keys = Array.from(shuffled.values, (value, at) => key(shuffled.users[at]!, shuffled.items[at]!, value));
  const expected: number[] = [];
  for (let user = 0; user < 3000; user++) {
    for (let entry = matrix.offsets[user]!; entry < matrix.offsets[user + 1]!; entry++) {
      expected.push(key(user, matrix.columns[entry]!, matrix.values[entry]!));
    }
  }
  expect(keys).not.toEqual(expected);
  expect(keys.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));

  const blocked = blockedTriples(matrix);
  const pairs = new Set(Array.from(blocked.users, (user, at) => user * 700 + blocked.items[at]!));
  expect(pairs.size).toBe(20_000);
  expect([...blocked.values].sort()).toEqual([...matrix.values].sort());
  const block = (at: number) => Math.floor(blocked.users[at]! / 2048) * 2 + Math.floor(blocked.items[at]! / 512);
  for (let at = 1; at < 20_000; at++) {
    expect(block(at - 1)).toBeLessThanOrEqual(block(at));
    if (block(at - 1) === block(at)) expect(blocked.users[at - 1]!).toBeLessThanOrEqual(blocked.users[at]!);
  }
  expect(sampleTriples(blocked, 7).values).toHaveLength(Math.ceil(20_000 / 7));
});
