/** What solving a row is made of: Gram matrices, Cholesky factors and triangular solves, each variant against its peak. */
import { RandomStream } from "../../src/data/random.js";
import type { Variant } from "../../src/engine/kernels.js";
import { PANEL_ROWS } from "../baselines/linalg.js";
import { type LinalgContender, type LinalgProblem, openContenders } from "../harness/linalg-contenders.js";
import { openPeak, type PeakMeter } from "../harness/peak.js";
import { checksum, minimum } from "../harness/statistics.js";
import type { BenchCase, Competitor, Facts, Suite } from "../harness/suite.js";

const GRAM_FACTORS = [32, 64, 128, 256];
const SOLVE_FACTORS = [32, 64, 128];
const GRAM_ROWS = [100, 1000];
const PURPOSE = 1002;
const RUNS_PER_ROUND = 5;
/** A timed run is batches of calls, each of about so many ms. */
const BATCHES = 5;
const BATCH_MS = 5;
const QUICK_BATCH_MS = 0.2;
/** How far results may be from doubles, of their own size. */
const TOLERANCE = 1e-4;

type Peaks = Partial<Record<Variant, PeakMeter>>;

/** Rows uniform in ±½, and their Gram matrix plus the unit matrix. */
function problemOf(size: number): LinalgProblem {
  const random = new RandomStream(size, PURPOSE);
  const panel = new Float32Array(PANEL_ROWS * size).map(() => random.nextUniform() - 0.5);
  const right = new Float32Array(size).map(() => random.nextUniform() - 0.5);
  const matrix = Float32Array.from(gramOf(panel, size, PANEL_ROWS), (sum, at) => sum + (at % (size + 1) === 0 ? 1 : 0));
  return { size, panel, matrix, right };
}

/** Σ q qᵀ over `rows` rows, in doubles and whole. */
function gramOf(panel: Float32Array, size: number, rows: number): Float64Array {
  const gram = new Float64Array(size * size);
  for (let row = 0; row < rows; row++) {
    const q = panel.subarray((row % PANEL_ROWS) * size, (row % PANEL_ROWS) * size + size);
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) gram[i * size + j]! += q[i]! * q[j]!;
  }
  return gram;
}

/** @throws if the upper triangles of two matrices differ by more than a share of the largest entry. */
function checkUpper(name: string, got: ArrayLike<number>, expected: ArrayLike<number>, size: number): void {
  let largest = 0;
  let error = 0;
  for (let i = 0; i < size; i++) {
    for (let at = i * size + i; at < (i + 1) * size; at++) {
      largest = Math.max(largest, Math.abs(expected[at]!));
      error = Math.max(error, Math.abs(got[at]! - expected[at]!));
    }
  }
  if (!(error <= TOLERANCE * largest)) throw new Error(`${name}: an entry is wrong by ${error} of ${largest}`);
}

/** UᵀU, its upper triangle. */
function squareOf(u: ArrayLike<number>, size: number): Float64Array {
  const square = new Float64Array(size * size);
  for (let f = 0; f < size; f++) {
    for (let i = f; i < size; i++) {
      for (let j = i; j < size; j++) square[i * size + j]! += u[f * size + i]! * u[f * size + j]!;
    }
  }
  return square;
}

/** ms of so many calls. */
function timeCalls(call: () => void, calls: number): number {
  const begin = performance.now();
  for (let turn = 0; turn < calls; turn++) call();
  return performance.now() - begin;
}

/** How many calls take about so many ms. */
function callsOf(call: () => void, ms: number): number {
  let calls = 1;
  while (timeCalls(call, calls) < ms / 2) calls *= 2;
  return calls;
}

/** ms of one call without what comes before it. The least of each: the least difference would be the noise's. */
function timeOne(whole: () => void, before: (() => void) | undefined, calls: number): number {
  let [least, outside] = [Infinity, before ? Infinity : 0];
  for (let batch = 0; batch < BATCHES; batch++) {
    least = Math.min(least, timeCalls(whole, calls));
    if (before) outside = Math.min(outside, timeCalls(before, calls));
  }
  return (least - outside) / calls;
}

interface Timed {
  contender: LinalgContender;
  peaks: Peaks;
  batchMs: number;
  /** Multiplications and additions that the result needs, and those that are made. */
  flops: number;
  executed: number;
  /** What is counted in a second. */
  work: number;
  call(): void;
  /** What comes before each call and is not counted: timed alone in the same run, its least time subtracted. */
  before?(): void;
  check(): string;
}

/** A run is many calls; its time is that of one. The peak is measured before every run. */
function competitor({ contender, peaks, batchMs, flops, executed, work, call, before, check }: Timed): Competitor {
  const peak = contender.variant && peaks[contender.variant];
  const whole = () => {
    before?.();
    call();
  };
  const times: number[] = [];
  let calls = 0;
  let peakGflops = 0;
  return {
    name: contender.name,
    work,
    prepare() {
      if (calls === 0) calls = callsOf(whole, batchMs);
      if (peak) peakGflops = Math.max(peakGflops, peak());
    },
    run() {
      times.push(timeOne(whole, before, calls));
      return times.slice(-1);
    },
    check,
    facts(): Facts {
      const rate = 1e-6 / minimum(times.slice(1)); // the first run is the warm-up
      const facts = { gflops: flops * rate, executedGflops: executed * rate };
      return peak ? { ...facts, peakGflops, shareOfPeak: facts.executedGflops / peakGflops } : facts;
    },
  };
}

/** More than a panel of rows are taken panel by panel, as solveRows does. */
function gramCompetitor(
  contender: LinalgContender,
  problem: LinalgProblem,
  rows: number,
  peaks: Peaks,
  batchMs: number,
) {
  const { size, panel } = problem;
  const call = () => {
    for (let rest = rows; rest > 0; rest -= PANEL_ROWS) contender.addGram(Math.min(rest, PANEL_ROWS));
  };
  return competitor({
    contender,
    peaks,
    batchMs,
    flops: rows * size * (size + 1),
    executed: rows * size * (size + contender.blockSize),
    work: rows * size * (size + 1),
    call,
    check() {
      contender.gram.fill(0);
      call();
      checkUpper(contender.name, contender.gram, gramOf(panel, size, rows), size);
      return checksum(contender.gram);
    },
  });
}

function factorCompetitor(contender: LinalgContender, { size, matrix }: LinalgProblem, peaks: Peaks, batchMs: number) {
  const flops = size ** 3 / 3;
  return competitor({
    contender,
    peaks,
    batchMs,
    flops,
    executed: flops,
    work: 1,
    before: () => contender.copyMatrix(),
    call: () => void contender.factor(),
    check() {
      contender.copyMatrix();
      if (!contender.factor()) throw new Error(`${contender.name}: a pivot is not positive`);
      const factor = Float64Array.from(contender.work);
      for (let d = 0; contender.invertsDiagonal && d < size; d++) factor[d * (size + 1)] = 1 / factor[d * (size + 1)]!;
      checkUpper(contender.name, squareOf(factor, size), matrix, size);
      return checksum(contender.work);
    },
  });
}

function solveCompetitor(contender: LinalgContender, problem: LinalgProblem, peaks: Peaks, batchMs: number) {
  const { size, matrix, right } = problem;
  contender.copyMatrix();
  contender.factor();
  return competitor({
    contender,
    peaks,
    batchMs,
    flops: 2 * size ** 2,
    executed: 2 * size ** 2,
    work: 1,
    before: () => contender.copyRight(),
    call: () => contender.solve(),
    check() {
      contender.copyRight();
      contender.solve();
      const x = Float64Array.from(contender.vector);
      const image = right.map((_, i) => x.reduce((sum, factor, j) => sum + matrix[i * size + j]! * factor, 0));
      const norm = (vector: Float32Array) => Math.hypot(...vector);
      const error = norm(image.map((value, i) => value - right[i]!)) / norm(right);
      if (!(error < TOLERANCE)) throw new Error(`${contender.name}: A x is wrong by ${error} of b`);
      return checksum(contender.vector);
    },
  });
}

async function* cases({ quick }: { quick: boolean }): AsyncIterable<BenchCase> {
  const batchMs = quick ? QUICK_BATCH_MS : BATCH_MS;
  const peaks: Peaks = {};
  for (const variant of ["strict", "relaxed"] as const) {
    const peak = await openPeak(variant, quick ? 0.5 : 5);
    if (peak) peaks[variant] = peak;
  }
  const shared = { baseline: "js", runsPerRound: RUNS_PER_ROUND };
  for (const size of GRAM_FACTORS) {
    const problem = problemOf(size);
    for (const rows of GRAM_ROWS) {
      const contenders = await openContenders(problem);
      const competitors = contenders.map((contender) => gramCompetitor(contender, problem, rows, peaks, batchMs));
      yield { ...shared, name: `gram k ${size}`, size: `${rows} rows`, unit: "flop", competitors };
    }
  }
  for (const size of SOLVE_FACTORS) {
    const problem = problemOf(size);
    const words = `${size} × ${size}, without its copy`;
    for (const [name, competitorOf, unit] of [
      ["factor", factorCompetitor, "factors"],
      ["solve", solveCompetitor, "solves"],
    ] as const) {
      const contenders = await openContenders(problem);
      const competitors = contenders.map((contender) => competitorOf(contender, problem, peaks, batchMs));
      yield { ...shared, name: `${name} k ${size}`, size: words, unit, competitors };
    }
  }
}

const suite: Suite = { about: "Gram, Cholesky and triangular solves: the parts of a row's solution", cases };
export default suite;
