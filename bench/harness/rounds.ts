/**
 * The timing loop. tinybench times one competitor after the other, so a round is a tinybench run of each in turn:
 * A B A B …, and a change of the machine's pace within a round hits all of them. Ratios are taken within a round.
 */
import { Bench } from "tinybench";
import { median, minimum } from "./statistics.js";
import type { BenchCase, Competitor, Facts } from "./suite.js";

export interface Outcome {
  name: string;
  work: number;
  /** ms of every timed run, round by round. */
  rounds: number[][];
  minimum: number;
  median: number;
  /** Units of work a second, at the minimum and at the median time. */
  bestRate: number;
  medianRate: number;
  /** This competitor's rate over the baseline's, from the medians of each round: the least and the median. */
  ratio: { minimum: number; median: number };
  checksum: string;
  facts: Facts;
}

/** Runs every competitor once untimed, then `rounds` rounds of all, then checks every result. */
export async function runCase(benchCase: BenchCase, rounds: number): Promise<Outcome[]> {
  const { competitors, runsPerRound = 1 } = benchCase;
  const isAsync = new Map<Competitor, boolean>();
  const times = new Map<Competitor, number[][]>(competitors.map((competitor) => [competitor, []]));
  try {
    for (const competitor of benchCase.warmUp === false ? [] : competitors) {
      await competitor.prepare?.();
      const result = competitor.run();
      isAsync.set(competitor, result instanceof Promise);
      await result;
    }
    for (let round = 0; round < rounds; round++) {
      for (const competitor of competitors) {
        times.get(competitor)!.push(await measure(competitor, isAsync.get(competitor) ?? true, runsPerRound));
      }
    }
    const baseline = competitors.find(({ name }) => name === benchCase.baseline);
    if (!baseline) throw new Error(`${benchCase.name}: no competitor is called "${benchCase.baseline}"`);
    const baselineRates = roundRates(baseline, times.get(baseline)!);
    return competitors.map((competitor) => outcomeOf(competitor, times.get(competitor)!, baselineRates));
  } finally {
    for (const competitor of competitors) competitor.dispose?.();
  }
}

async function measure(competitor: Competitor, isAsync: boolean, iterations: number): Promise<number[]> {
  const own: number[] = [];
  const bench = new Bench({
    iterations,
    time: 0,
    warmup: false,
    retainSamples: true,
    throws: true,
    timestampProvider: "hrtimeNow",
  });
  const finish = (durations: unknown) => {
    if (!Array.isArray(durations)) return;
    own.push(...durations);
    return { overriddenDuration: median(durations) };
  };
  const run = isAsync ? async () => finish(await competitor.run()) : () => finish(competitor.run());
  const beforeEach = async () => competitor.prepare?.();
  bench.add(competitor.name, run, { async: isAsync, beforeEach });
  const [task] = await bench.run();
  const result = task!.result;
  if (!("latency" in result) || result.latency.samples === undefined) {
    throw new Error(`${competitor.name}: no samples, state ${result.state}`);
  }
  return own.length > 0 ? own : [...result.latency.samples];
}

function roundRates({ work }: Competitor, rounds: readonly number[][]): number[] {
  return rounds.map((samples) => work / median(samples));
}

function outcomeOf(competitor: Competitor, rounds: number[][], baselineRates: readonly number[]): Outcome {
  const { name, work } = competitor;
  const all = rounds.flat();
  const ratios = roundRates(competitor, rounds).map((rate, round) => rate / baselineRates[round]!);
  return {
    name,
    work,
    rounds,
    minimum: minimum(all),
    median: median(all),
    bestRate: (work / minimum(all)) * 1e3,
    medianRate: (work / median(all)) * 1e3,
    ratio: { minimum: minimum(ratios), median: median(ratios) },
    checksum: competitor.check(),
    facts: competitor.facts?.() ?? {},
  };
}
