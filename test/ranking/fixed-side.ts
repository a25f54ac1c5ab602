/** What rows are solved from in tests: a side that is fixed, and its twin. */
import type { Engine } from "../../src/engine/engine.js";
import type { Variant } from "../../src/engine/kernels.js";
import type { BilinearScores } from "../../src/ranking/bilinear-scores.js";
import type { FactorTable } from "../../src/ranking/factor-table.js";
import { computeGram } from "../../src/ranking/gram.js";
import {
  ConfidenceEquations,
  RatingEquations,
  type Ridge,
  type RowEquations,
} from "../../src/ranking/row-equations.js";
import type { RowEntries, RowSolver } from "../../src/ranking/row-solver.js";
import { randomBlock, randomOf } from "../assembly/rating-pass.js";
import type { TwinSide } from "../twins/rating-pass.js";
import type { TwinRidge } from "../twins/ridge-row.js";
import { toyScores } from "./toy-scores.js";

export const NUM_FIXED = 300;
export const OFFSET = 1.5;
export const RIDGE: Ridge = {
  perEntry: 0.0625,
  damping: 0.375,
  biasPerEntry: 0.03125,
  biasDamping: 0.5,
  biases: true,
};
export const FREE: Ridge = { ...RIDGE, perEntry: 0, damping: 0 };

export const RATINGS = new RatingEquations(RIDGE);
export const CONFIDENCES = new ConfidenceEquations(
  { kind: "linear", alpha: 0.5, epsilon: 1, unobservedWeight: 0.25, observed: "raised" },
  { regularization: 0.125, exponent: 0.6, countUnobserved: true },
);

export interface FixedItems {
  readonly scores: BilinearScores;
  readonly columns: TwinSide;
  readonly fixed: FactorTable;
}

/** The items of a model, and their twin. */
export function fixedItems(engine: Engine, factors: number, variant: Variant): FixedItems {
  const scores = toyScores(engine, variant, { numUsers: 1, numItems: NUM_FIXED, factors });
  const columns: TwinSide = {
    factors: Array.from({ length: NUM_FIXED }, (_, item) => Float64Array.from(scores.itemFactors.row(item))),
    biases: Float64Array.from(scores.itemBias),
    lambdas: [],
  };
  return { scores, columns, fixed: scores.table("items") };
}

export function solverOf(engine: Engine, fixed: FactorTable, equations: RowEquations, variant: Variant): RowSolver {
  const solver = { arena: engine.arena, kernels: engine.kernels(variant), fixed, offset: OFFSET, equations };
  const { unobservedWeight } = equations;
  if (unobservedWeight === undefined) return solver;
  return { ...solver, gram: computeGram(engine.arena, solver.kernels, fixed, unobservedWeight) };
}

/** As the kernels know it. */
export const twinRidge = ({ biases, perEntry, damping, biasPerEntry, biasDamping }: Ridge): TwinRidge => {
  return { perEntry, damping, biasPerEntry: biases ? biasPerEntry : -1, biasDamping, offset: OFFSET };
};

/** A row of so many entries, some of them twice. */
export function randomEntries(length: number): RowEntries {
  const { columns, values } = randomBlock([length], NUM_FIXED, randomOf(length));
  return { columns: Uint32Array.from(columns), values: Float32Array.from(values) };
}
