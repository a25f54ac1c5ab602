/** AutoRec as a dense network, whoever trains it: what a program is told, and what came out. */
import { type CentredRatings, centredRatings } from "./centred.js";
import type { Measured } from "./comparison.js";
import type { DataSet } from "./data-sets.js";
import { measureRatingFit } from "./fits.js";
import type { Program } from "./program.js";

export interface DenseSettings {
  hidden: number;
  batchSize: number;
  epochs: number;
  threads: number;
  /** Adam's first step, and the pull of weights to zero. */
  learningRate: number;
  weightDecay: number;
}

export interface DenseRequest extends DenseSettings, CentredRatings {
  data: DataSet;
  predictions: string;
}

export async function measureDense(
  program: Program,
  data: DataSet,
  settings: DenseSettings,
  where: object = {},
): Promise<Measured> {
  return measureRatingFit(program, data, { ...settings, ...where, ...(await centredRatings(data)) });
}
