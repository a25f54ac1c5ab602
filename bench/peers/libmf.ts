/** Fits by LIBMF, whichever way it was built: when each iteration ended, and what was reached. */
import type { Measured } from "./comparison.js";
import { type DataSet, testRmse } from "./data-sets.js";
import { epochSeconds, type FitResult, outputPath } from "./fits.js";
import { Hung, type Printed, type Program, runProgram } from "./program.js";

export interface LibmfSettings {
  factors: number;
  threads: number;
  epochs: number;
  /** λ of both sides, and the first step. */
  regularization: number;
  learningRate: number;
}

export interface LibmfRequest extends LibmfSettings {
  data: DataSet;
  /** Blocks a side of the grid that threads take blocks from. */
  bins: number;
  /** Whether to print the error of what is held out, too. */
  validate?: boolean;
  predictions?: string;
}

/** As LIBMF's wrappers have it; more than twice the threads, as it wants. */
const BINS = 26;

/** How a program gets at LIBMF: the library's path, or the folder that holds the package. */
export interface LibmfBuild {
  program: Program;
  where: { library: string } | { folder: string };
}

type Iteration = { seconds: number; columns: number[] };

/** Lines that begin with the number of an iteration: number, training RMSE, that of what is held out if asked, objective. */
function iterationsOf({ lines }: Printed<unknown>): Iteration[] {
  const told = lines.map(({ seconds, text }) => ({ seconds, columns: text.trim().split(/\s+/).map(Number) }));
  return told.filter(({ columns }) => columns.length >= 3 && columns.every(Number.isFinite));
}

/** On small data and two threads LIBMF built for AVX now and then does not end, after its last iteration: further tries. */
const TRIES = 10;
/** Seconds, longer than an iteration takes. */
const SILENCE = { small: 3, large: 40 };
const LARGE = 1_000_000;

async function run({ program, where }: LibmfBuild, request: Omit<LibmfRequest, "bins">) {
  const silence = request.data.trainSize < LARGE ? SILENCE.small : SILENCE.large;
  for (let left = TRIES; ; left--) {
    try {
      const printed = await runProgram<FitResult>({ ...program, silence }, { ...request, ...where, bins: BINS });
      const iterations = iterationsOf(printed);
      if (iterations.length === request.epochs) return { result: printed.result, iterations };
      throw new Error(`LIBMF must tell of ${request.epochs} iterations, got ${iterations.length}`);
    } catch (error) {
      if (!(error instanceof Hung) || left === 1) throw error;
    }
  }
}

/** Epochs, or the whole fit as one. */
export async function measureLibmf(
  build: LibmfBuild,
  data: DataSet,
  settings: LibmfSettings,
  unit: "epoch" | "fit",
): Promise<Measured> {
  const predictions = outputPath("predictions.bin");
  const { result, iterations } = await run(build, { ...settings, data, predictions });
  const { fitSeconds, peakMemoryBytes } = result;
  return {
    seconds: unit === "fit" ? [fitSeconds] : epochSeconds(iterations.map(({ seconds }) => seconds)),
    facts: {
      testRmse: testRmse(data, predictions),
      epochs: settings.epochs,
      fitSeconds,
      peakMemoryMB: peakMemoryBytes / 1e6,
    },
  };
}

/** The settings and the iteration at which LIBMF's error of what is held out is the least of a grid. */
export async function bestOfLibmf(
  build: LibmfBuild,
  data: DataSet,
  grid: readonly LibmfSettings[],
): Promise<LibmfSettings & { rmse: number }> {
  let best: (LibmfSettings & { rmse: number }) | undefined;
  for (const settings of grid) {
    const { iterations } = await run(build, { ...settings, data, validate: true });
    for (const [at, { columns }] of iterations.entries()) {
      const rmse = columns[2]!;
      if (!best || rmse < best.rmse) best = { ...settings, epochs: at + 1, rmse };
    }
  }
  // LIBMF does not clip what it tells the error of, the bench does
  const { facts } = await measureLibmf(build, data, best!, "fit");
  return { ...best!, rmse: Math.min(best!.rmse, facts.testRmse!) };
}
