/** Runs a case: every contender in turn, round by round, and the ratios within rounds. */
import { median, minimum } from "../harness/statistics.js";
import type { Comparison, Contender, Measured, PeerCase } from "./comparison.js";
import { type Installation, isInstalled, reasonOf } from "./install/install.js";
import type { PeerName } from "./peers.js";

/** What a contender came to, or why it did not run. */
export interface ContenderReport {
  name: string;
  peer: PeerName | "lowrank";
  note?: string;
  /** Why there are no figures. */
  missing?: string;
  /** Seconds, round by round, the least of all, and the median of the rounds' medians. */
  rounds: number[][];
  minimum: number;
  median: number;
  /** Each fact at its largest, memory, or as it was in the last round. */
  facts: Record<string, number>;
}

export interface ComparisonReport extends Comparison {
  /** Their time over ours within a round: the least and the median of the rounds. */
  ratio?: { minimum: number; median: number };
  /** Why there is no ratio. */
  reason?: string;
}

export interface CaseReport extends Pick<PeerCase, "name" | "size" | "unit" | "heldEqual"> {
  contenders: ContenderReport[];
  comparisons: ComparisonReport[];
}

/** A contender as the rounds see it: ours and theirs alike. */
interface Runner extends Contender {
  measured: Measured[];
  missing?: string;
}

export async function runCase(
  peerCase: PeerCase,
  rounds: number,
  installationOf: (peer: PeerName) => Installation,
): Promise<CaseReport> {
  const runners: Runner[] = peerCase.ours.map((contender) => ({ ...contender, measured: [] }));
  for (const contender of peerCase.theirs) {
    const installation = installationOf(contender.peer);
    const { name, peer, note } = contender;
    const runner: Runner = { name, peer, measured: [], run: notRun, ...(note === undefined ? {} : { note }) };
    runners.push(runner);
    if (!isInstalled(installation)) {
      runner.missing = installation.missing;
      continue;
    }
    runner.run = () => contender.run(installation);
    await contender.prepare?.(installation).catch((error: unknown) => {
      runner.missing = reasonOf(error);
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const runner of runners) {
      if (runner.missing !== undefined) continue;
      try {
        runner.measured.push(await runner.run());
      } catch (error) {
        if (runner.peer === "lowrank") throw error; // ours must run
        runner.missing = reasonOf(error);
      }
    }
  }
  const { name, size, unit, heldEqual, comparisons } = peerCase;
  return {
    ...{ name, size, unit, heldEqual },
    contenders: runners.map(reportOf),
    comparisons: comparisons.map((comparison) => compare(comparison, peerCase, runners)),
  };
}

async function notRun(): Promise<never> {
  throw new Error("a peer that is not installed does not run");
}

function reportOf({ name, peer, note, missing, measured }: Runner): ContenderReport {
  const told = { name, peer, ...(note === undefined ? {} : { note }), ...(missing === undefined ? {} : { missing }) };
  const rounds = measured.map(({ seconds }) => seconds);
  if (missing !== undefined) return { ...told, rounds: [], minimum: 0, median: 0, facts: {} };
  const facts = { ...measured.at(-1)!.facts };
  for (const fact of Object.keys(facts)) {
    if (fact.startsWith("peak")) facts[fact] = Math.max(...measured.map((each) => each.facts[fact]!));
  }
  return { ...told, rounds, minimum: minimum(rounds.flat()), median: median(rounds.map(median)), facts };
}

function compare(comparison: Comparison, { difference }: PeerCase, runners: readonly Runner[]): ComparisonReport {
  const [ours, theirs] = [comparison.ours, comparison.theirs].map((name) => {
    const runner = runners.find((each) => each.name === name);
    if (!runner) throw new Error(`comparison: no contender is called "${name}"`);
    return runner;
  }) as [Runner, Runner];
  if (theirs.missing !== undefined) return { ...comparison, reason: theirs.missing };
  const differs = difference(ours.measured.at(-1)!, theirs.measured.at(-1)!);
  if (differs !== undefined) return { ...comparison, reason: `not the same work: ${differs}` };
  const ratios = theirs.measured.map(({ seconds }, round) => median(seconds) / median(ours.measured[round]!.seconds));
  return { ...comparison, ratio: { minimum: minimum(ratios), median: median(ratios) } };
}
