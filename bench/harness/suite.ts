/** What a suite is made of. */

/** One of several ways to do the same work. */
export interface Competitor {
  name: string;
  /** Units of work in one timed run. */
  work: number;
  /** Before every timed run, outside the time. */
  prepare?(): void | Promise<void>;
  /** The timed run. One that times its own parts returns their durations in ms; `work` is then the work of a part. */
  run(): RunResult | Promise<RunResult>;
  /** After the last run, outside the time: a checksum of the result. @throws if the result is wrong. */
  check(): string;
  /** Other numbers worth telling, once the runs are over. */
  facts?(): Facts;
  /** Gives memory back. */
  dispose?(): void;
}

/** What a number is, and the number with its unit in the name: { peakMemoryGB: 2.1 }. */
export type Facts = Record<string, number>;

// biome-ignore lint/suspicious/noConfusingVoidType: a run may return nothing, or its own durations
export type RunResult = void | readonly number[];

/** Competitors on the same data: a table's worth of ratios. */
export interface BenchCase {
  name: string;
  /** The data, in words. */
  size: string;
  /** What a competitor's `work` counts; the rate is printed in it a second. */
  unit: string;
  /** The name of the competitor that the others are measured against. */
  baseline: string;
  /** Timed runs of a competitor in a round; default 1. More for work of less than some milliseconds. */
  runsPerRound?: number;
  /** Whether each competitor runs once untimed before the rounds; default true. Fresh processes have no need of it. */
  warmUp?: boolean;
  competitors: Competitor[];
}

export interface SuiteContext {
  /** Toy sizes: to see that everything works, not how fast. */
  quick: boolean;
}

export interface Suite {
  /** One line on what is measured. */
  about: string;
  /** Rounds unless `--rounds` says otherwise; default 5. */
  rounds?: number;
  /** Cases one after another, so that the memory of one is free before the next. */
  cases(context: SuiteContext): Iterable<BenchCase> | AsyncIterable<BenchCase>;
}
