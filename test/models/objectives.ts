/** Fitted models as the twins of their objectives take them. */
import { Interactions } from "../../src/data/interactions.js";
import type { Matrix } from "../../src/engine/matrix.js";
import { randomOf } from "../assembly/rating-pass.js";
import { partsOf, slopesOf, type TwinModel, type TwinObjective, type TwinTable } from "../twins/objectives.js";

/** A table as interactions, ids by position. */
export function interactionsOf(table: TwinTable): Interactions {
  return Interactions.fromObjects(
    table.flatMap((row, userId) =>
      row.flatMap((value, itemId) => (value === undefined ? [] : [{ userId, itemId, value }])),
    ),
  );
}

/** Values of about half of all pairs; every row and column has some. */
export function randomTable(
  numUsers: number,
  numItems: number,
  value: (draw: number) => number,
  seed = 1,
): (number | undefined)[][] {
  const random = randomOf(seed);
  return Array.from({ length: numUsers }, (_, user) =>
    Array.from({ length: numItems }, (_, item) => {
      const isThere = random.nextUniform() < 0.4 || user % numItems === item || item % numUsers === user;
      const draw = random.nextUniform();
      return isThere ? Math.fround(value(draw)) : undefined;
    }),
  );
}

interface Fitted {
  readonly users: Interactions["users"];
  readonly items: Interactions["items"];
  readonly userFactors: Matrix;
  readonly itemFactors: Matrix;
  readonly userBias?: Float32Array;
  readonly itemBias?: Float32Array;
}

/** A model's factors and biases in f64, by id. */
export function twinOf(model: Fitted): TwinModel {
  const rows = (factors: Matrix, index: Interactions["users"]): Float64Array[] =>
    Array.from({ length: index.size }, (_, id) => Float64Array.from(factors.row(index.indexOf(id))));
  const biases = (values: Float32Array | undefined, index: Interactions["users"]): Float64Array =>
    Float64Array.from({ length: index.size }, (_, id) => values?.[index.indexOf(id)] ?? 0);
  return {
    users: rows(model.userFactors, model.users),
    items: rows(model.itemFactors, model.items),
    userBias: biases(model.userBias, model.users),
    itemBias: biases(model.itemBias, model.items),
  };
}

export function totalOf(objective: TwinObjective, table: TwinTable, model: TwinModel): number {
  const { loss, penalty } = objective(table, model);
  return loss + penalty;
}

const length = (rows: readonly Float64Array[]): number =>
  Math.sqrt(rows.reduce((sum, row) => sum + row.reduce((own, each) => own + each * each, 0), 0));

/**
 * ‖∂loss + ∂penalty‖ / ‖∂penalty‖: 0 where there is no way down. Where factors may not be negative, a slope that only
 * leads out of the allowed counts as none.
 */
export function remainingSlope(
  objective: TwinObjective,
  table: TwinTable,
  model: TwinModel,
  { biases = false, nonNegative = false } = {},
): number {
  const { loss, penalty } = slopesOf(objective, table, model, biases);
  const numFactorRows = model.users.length + model.items.length;
  const sums = partsOf(model, biases).map((part, row) =>
    part.map((x, at) => {
      const slope = loss[row]![at]! + penalty[row]![at]!;
      return nonNegative && row < numFactorRows && x === 0 ? Math.min(0, slope) : slope;
    }),
  );
  return length(sums) / length(penalty);
}

/** The least that 128 random steps of a length add to an objective; negative if one leads down. */
export function leastRise(
  objective: TwinObjective,
  table: TwinTable,
  model: TwinModel,
  radius: number,
  { biases = false, nonNegative = false } = {},
): number {
  const random = randomOf(128);
  const parts = partsOf(model, biases);
  const start = parts.map((part) => part.slice());
  const base = totalOf(objective, table, model);
  const numFactorRows = model.users.length + model.items.length;
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 128; time++) {
    const steps = parts.map((part) => part.map(() => 2 * random.nextUniform() - 1));
    const scale = radius / length(steps);
    for (const [row, part] of parts.entries()) {
      for (const [at, x] of start[row]!.entries()) {
        const moved = x + scale * steps[row]![at]!;
        part[at] = nonNegative && row < numFactorRows ? Math.max(0, moved) : moved;
      }
    }
    least = Math.min(least, totalOf(objective, table, model) - base);
  }
  for (const [row, part] of parts.entries()) part.set(start[row]!);
  return least;
}
