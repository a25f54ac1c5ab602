import type { Id } from "../data/id-index.js";
import { engine } from "../engine/engine.js";
import type { Variant } from "../engine/kernels.js";
import { strideOf } from "../engine/matrix.js";
import type { FoldedRow } from "../ranking/factor-table.js";
import { computeGram } from "../ranking/gram.js";
import { RatingEquations, type RowEquations } from "../ranking/row-equations.js";
import { explainRow, type RowSolver, solveRow } from "../ranking/row-solver.js";
import type { Side } from "../ranking/scores.js";
import { LARGEST_VALUE, type ModelFile } from "../storage/model-file.js";
import type { TensorFile } from "../storage/safetensors.js";
import { EngineModel, type FittedScores } from "./engine-model.js";
import type { FoldedUser } from "./folded.js";
import type { Contribution, Explanation, SaveOptions } from "./model.js";
import { encodeScores, restoreScores } from "./model-parts.js";
import type { Growth } from "./partial-fit.js";
import { describeUnknown } from "./query-options.js";
import { solveTouched } from "./touched-rows.js";

/** What a fitted bilinear model holds. */
export interface FittedBilinear extends FittedScores {
  /** What a row is solved from when it is solved for alone. */
  readonly equations: RowEquations;
}

/**
 * Everything that follows from score = offset + b_u + b_i + p_u·q_i. One row, with the other side fixed, is the exact
 * solution of its equations: so are users and items folded in, rows that a partial fit touches, and explanations.
 */
export abstract class BilinearModel extends EngineModel<Pick<FittedBilinear, "equations">> {
  #grams: { readonly of: FittedBilinear; readonly sides: Map<Side, Float32Array> } | undefined;

  /**
   * What each of the user's interactions adds to the score of an item (after Hu, Koren, Volinsky 2008, section 5): a row
   * that is solved exactly is linear in its values, p_u = A⁻¹ Σ z q, so the score is a sum over them.
   * @param user an id, or the result of `foldIn`
   * @throws {RangeError} for an unknown id; {Error} before `fit`, or for an id where training interactions were not kept.
   */
  explain(user: Id | FoldedUser, item: Id): Explanation {
    const state = this.fitted();
    const { scores, items } = state;
    const { row, folded } = this.queries.resolve("users", user, "error");
    const itemIndex = items.indexOf(item);
    if (itemIndex < 0) throw new RangeError(`itemId ${describeUnknown(item, items)}`);
    const { columns, values } = folded ? folded.entries : entriesOf(state, row as number);
    const solver = this.#solver("users");
    const nothing = columns.length === 0 ? new Float64Array(0) : undefined; // has no equations to solve
    const shares =
      nothing ?? explainRow(solver, { columns, values }, itemIndex) ?? rejectUnsolvable("explain", columns.length);
    const contributions = Array.from(columns, (column, at): Contribution => {
      return { itemId: items.idAt(column), value: values[at]!, contribution: shares[at]! };
    }).sort((a, b) => b.contribution - a.contribution);
    const score = scores.rawScore(row, itemIndex);
    const base = scores.offset + scores.itemBias[itemIndex]!;
    const sum = contributions.reduce((total, { contribution }) => total + contribution, base);
    return { score, base, contributions, remainder: score - sum };
  }

  protected async grow(growth: Growth<FittedBilinear>): Promise<Pick<FittedBilinear, "equations">> {
    const { equations } = growth.state;
    await solveTouched(growth, equations);
    return { equations };
  }

  protected encode(state: FittedBilinear, options: SaveOptions): TensorFile {
    return encodeScores(this.modelName, this.options, state, options, { parameters: state.equations.named });
  }

  protected decode(file: ModelFile, variant: Variant, parts: { users: boolean }): Promise<FittedBilinear> {
    return restoreScores(file, engine(), variant, {
      ...parts,
      rest: async (_, parameter) => ({ equations: this.equationsFrom(parameter) }),
    });
  }

  /** The equations that a model file names. @param parameter a number ≥ 0 by its name. */
  protected equationsFrom(parameter: (name: string) => number): RowEquations {
    return new RatingEquations({
      perEntry: parameter("ridge_per_entry"),
      damping: parameter("ridge_damping"),
      biasPerEntry: parameter("ridge_bias_per_entry"),
      biasDamping: parameter("ridge_bias_damping"),
      biases: parameter("ridge_biases") !== 0,
      nonNegative: parameter("ridge_non_negative") !== 0,
    });
  }

  protected foldRow(side: Side, columns: Uint32Array, values: Float32Array): FoldedRow {
    const { scores } = this.fitted();
    const zero = { factors: new Float32Array(strideOf(scores.userFactors.columns)), bias: 0 };
    if (columns.length === 0) return zero;
    const where = side === "users" ? "foldIn" : "foldInItem";
    const solved = solveRow(this.#solver(side), { columns, values });
    const isSound = solved?.factors.every((factor) => Math.abs(factor) <= LARGEST_VALUE); // else scores may be NaN
    return solved && isSound ? solved : rejectUnsolvable(where, columns.length);
  }

  #solver(side: Side): RowSolver {
    const { scores, equations } = this.fitted();
    const other = side === "users" ? "items" : "users";
    const kernels = engine().kernels(scores.variant);
    const solver = { arena: engine().arena, kernels, fixed: scores.table(other), offset: scores.offset, equations };
    return equations.unobservedWeight === undefined ? solver : { ...solver, gram: this.#gram(other) };
  }

  /** The Gram matrix of a side times the weight that every pair has; computed when it is first asked for. */
  #gram(side: Side): Float32Array {
    const state = this.fitted();
    if (this.#grams?.of !== state) this.#grams = { of: state, sides: new Map() };
    const { sides } = this.#grams;
    const { scores, equations } = state;
    const weight = equations.unobservedWeight!;
    const gram =
      sides.get(side) ?? computeGram(engine().arena, engine().kernels(scores.variant), scores.table(side), weight);
    sides.set(side, gram);
    return gram;
  }
}

function entriesOf({ seen }: FittedBilinear, row: number): { columns: Uint32Array; values: Float32Array } {
  if (!seen)
    throw new Error("the model has no training interactions to explain by; use foldIn with the user's history");
  const [begin, end] = [seen.offsets[row], seen.offsets[row + 1]];
  return { columns: seen.columns.subarray(begin, end), values: seen.values.subarray(begin, end) };
}

/** @throws {Error} always: what a history is solved to cannot be used. */
export function rejectUnsolvable(where: string, size: number): never {
  throw new Error(
    `${where}: a history of ${size} has no solution in single precision; fit with more regularization or damping, or ` +
      "bring the values nearer to 1",
  );
}
