/** What a fitted AutoRec is. */
import type { RatingEquations } from "../ranking/row-equations.js";
import type { Side } from "../ranking/scores.js";
import type { Centering } from "./autorec-centering.js";
import type { Encoder } from "./autorec-encoder.js";
import type { AutoRecOptions } from "./autorec-options.js";
import type { FittedScores } from "./engine-model.js";

/** What it holds beside its scores: factors of one side are codes, those of the other output weights. */
export interface AutoRecParts {
  readonly encoder: Encoder;
  readonly centering: Centering;
  /** What a row of output weights is solved from when it is solved for alone. */
  readonly equations: RatingEquations;
}

export type FittedAutoRec = FittedScores & AutoRecParts;

/** The sides of the data: rows of the autoencoder, and its inputs. */
export interface Sides {
  readonly rows: Side;
  readonly inputs: Side;
}

export function sidesOf(orientation: AutoRecOptions["orientation"]): Sides {
  return orientation === "item" ? { rows: "items", inputs: "users" } : { rows: "users", inputs: "items" };
}
