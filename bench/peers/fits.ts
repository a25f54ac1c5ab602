/** Fits in fresh processes: what is asked of a program, what it prints, and what of it is compared. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Contender, Measured } from "./comparison.js";
import { type DataSet, testRmse } from "./data-sets.js";
import { WORK_FOLDER } from "./install/install.js";
import { type Program, runProgram } from "./program.js";

/** The least that a program of a fit is told; each takes its model's settings beside. */
export interface FitFiles {
  data: DataSet;
  /** Where to write the predictions of what is held out, float32, or nothing. */
  predictions?: string;
  /** Where to write the factors, float32, rows as in the data, or nothing. */
  userFactors?: string;
  itemFactors?: string;
}

export interface FitRequest extends FitFiles {
  model: "MatrixFactorization" | "AlternatingLeastSquares" | "ImplicitALS" | "AutoRec";
  options: object;
  /** Whether to ask for no stamps: some models spend a pass over the ratings on what they tell of an epoch. */
  unwatched?: boolean;
}

export interface FitResult {
  /** Seconds from the call of the fit to the end of each epoch. */
  stamps: number[];
  /** Seconds of each epoch alone, where a program knows what telling of it takes beside. */
  seconds?: number[];
  fitSeconds: number;
  /** Seconds from triples to what is fitted, where the fit has no part in it. */
  prepareSeconds?: number;
  peakMemoryBytes: number;
}

/**
 * What each epoch took, by its own seconds or else between stamps, the first left out where there are more: it has cold
 * caches, cold code and setting up in it.
 */
export function epochSeconds(stamps: readonly number[], seconds?: readonly number[]): number[] {
  const all = [...(seconds ?? stamps.map((stamp, epoch) => stamp - (stamps[epoch - 1] ?? 0)))];
  return all.length > 1 ? all.slice(1) : all;
}

/** A file of results that is written anew at each run. */
export function outputPath(name: string): string {
  const folder = join(WORK_FOLDER, "outputs");
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}

/** A fit that writes its predictions: its epochs, and the RMSE of what was held out. */
export async function measureRatingFit(program: Program, data: DataSet, settings: object): Promise<Measured> {
  const predictions = outputPath("predictions.bin");
  const { result } = await runProgram<FitResult>(program, { ...settings, data, predictions });
  return {
    seconds: epochSeconds(result.stamps),
    facts: {
      testRmse: testRmse(data, predictions),
      epochs: result.stamps.length,
      fitSeconds: result.fitSeconds,
      ...(result.prepareSeconds === undefined ? {} : { prepareSeconds: result.prepareSeconds }),
      peakMemoryMB: result.peakMemoryBytes / 1e6,
    },
  };
}

/** A fit of a model of ratings by lowrank. */
export function ratingFit(name: string, model: FitRequest["model"], data: DataSet, options: object): Contender {
  const program = { file: "lowrank-fit.ts" };
  return { name, peer: "lowrank", run: () => measureRatingFit(program, data, { model, options }) };
}
