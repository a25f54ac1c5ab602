import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  type Contender,
  type Measured,
  noWorse,
  type PeerCase,
  type PeerContender,
} from "../../bench/peers/comparison.js";
import { epochSeconds } from "../../bench/peers/fits.js";
import { implicitObjective } from "../../bench/peers/implicit-objective.js";
import type { Installation } from "../../bench/peers/install/install.js";
import { errorLine } from "../../bench/peers/program.js";
import { runCase } from "../../bench/peers/rounds.js";

const INSTALLED: Installation = { folder: "nowhere", packages: ["implicit==0"], installBytes: 1 };

/** Says its runs took these seconds, a list a round, with this error and a peak that grows. */
function told(log: string[], name: string, rounds: readonly number[][], error: number): () => Promise<Measured> {
  let round = 0;
  return async () => {
    log.push(name);
    return { seconds: rounds[round++]!, facts: { error, peakMemoryMB: 10 * (rounds.length - round) } };
  };
}

function caseOf(ours: Contender["run"], theirs: PeerContender["run"], prepare?: PeerContender["prepare"]): PeerCase {
  return {
    ...{ name: "case", size: "none", unit: "a run", heldEqual: "nothing" },
    ours: [{ name: "ours", peer: "lowrank", run: ours }],
    theirs: [{ name: "theirs", peer: "implicit", run: theirs, ...(prepare ? { prepare } : {}) }],
    comparisons: [{ ours: "ours", theirs: "theirs", goal: 2 }],
    difference: noWorse("error", 0.1),
  };
}

test("contenders take turns, and ratios are those of the medians within a round", async () => {
  const log: string[] = [];
  const ours = told(log, "ours", [[1, 2, 9], [4]], 1);
  const theirs = told(log, "theirs", [[8], [8, 8]], 1);
  const { contenders, comparisons } = await runCase(caseOf(ours, theirs), 2, () => INSTALLED);
  expect(log).toEqual(["ours", "theirs", "ours", "theirs"]);
  expect(comparisons).toEqual([{ ours: "ours", theirs: "theirs", goal: 2, ratio: { minimum: 2, median: 3 } }]);
  expect(contenders[0]).toMatchObject({ rounds: [[1, 2, 9], [4]], minimum: 1, median: 3 });
  expect(contenders[0]!.facts).toEqual({ error: 1, peakMemoryMB: 10 }); // the largest peak, not the last
});

test("a peer that is missing, cannot be prepared or fails has its reason in its row, and the others go on", async () => {
  const ours = () => told([], "ours", [[1], [1]], 1);
  const fails = async () => {
    throw new Error("no such kernel");
  };
  const missing = await runCase(caseOf(ours(), fails), 2, () => ({ missing: "did not install: no wheel" }));
  expect(missing.contenders.map((each) => each.missing)).toEqual([undefined, "did not install: no wheel"]);
  expect(missing.comparisons[0]).toMatchObject({ reason: "did not install: no wheel" });
  const failing = await runCase(caseOf(ours(), fails), 2, () => INSTALLED);
  expect(failing.contenders[1]).toMatchObject({ missing: "no such kernel", rounds: [] });
  expect(failing.contenders[0]!.rounds).toEqual([[1], [1]]);
  const unprepared = await runCase(caseOf(ours(), told([], "", [[1], [1]], 1), fails), 2, () => INSTALLED);
  expect(unprepared.comparisons[0]).toMatchObject({ reason: "no such kernel" });
});

test("a failure of ours ends the command", async () => {
  const fails = async () => {
    throw new Error("ours is broken");
  };
  await expect(runCase(caseOf(fails, told([], "", [[1]], 1)), 1, () => INSTALLED)).rejects.toThrow("ours is broken");
});

test("work that is not the same gets no ratio", async () => {
  const report = await runCase(caseOf(told([], "", [[1]], 1.2), told([], "", [[8]], 1)), 1, () => INSTALLED);
  expect(report.comparisons[0]!.ratio).toBeUndefined();
  expect(report.comparisons[0]!.reason).toBe("not the same work: error 1.2 against 1: ours must be within 10 %");
});

test("the first epoch, with setting up in it, is left out where there are more", () => {
  expect(epochSeconds([5, 7, 10])).toEqual([2, 3]);
  expect(epochSeconds([5])).toEqual([5]);
});

test("the line that names the error is found among others", () => {
  expect(errorLine("Traceback\nValueError: k must be > 0\n\nNode.js v24\n")).toBe("ValueError: k must be > 0");
  expect(errorLine("killed\n")).toBe("killed");
  expect(errorLine("")).toBeUndefined();
});

test("the implicit objective is that of every pair, one by one", () => {
  const [m, n, k, alpha, regularization] = [3, 4, 2, 5, 0.7];
  const p = Float32Array.from({ length: m * k }, (_, at) => Math.sin(at + 1));
  const q = Float32Array.from({ length: n * k }, (_, at) => Math.cos(2 * at + 1));
  const observed = [
    [0, 1],
    [2, 3],
    [2, 0],
  ] as const;
  let expected = 0;
  for (let user = 0; user < m; user++) {
    for (let item = 0; item < n; item++) {
      const score = p[user * k]! * q[item * k]! + p[user * k + 1]! * q[item * k + 1]!;
      const isObserved = observed.some(([u, i]) => u === user && i === item);
      expected += isObserved ? alpha * (1 - score) ** 2 : score ** 2;
    }
  }
  for (const number of [...p, ...q]) expected += regularization * number ** 2;
  const folder = mkdtempSync(join(tmpdir(), "lowrank-peers-"));
  try {
    const put = (name: string, numbers: Int32Array | Float32Array) => {
      writeFileSync(join(folder, name), numbers);
      return join(folder, name);
    };
    put(
      "train-users.bin",
      Int32Array.from(observed, ([user]) => user),
    );
    put(
      "train-items.bin",
      Int32Array.from(observed, ([, item]) => item),
    );
    const files = { userFactors: put("p.bin", p), itemFactors: put("q.bin", q) };
    const data = { folder, words: "", numUsers: m, numItems: n, trainSize: observed.length, testSize: 0 };
    const got = implicitObjective(data, { ...files, factors: k, alpha, regularization });
    expect(got).toBeCloseTo(expected / observed.length, 12);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
