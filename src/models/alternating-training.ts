import type { IdIndex } from "../data/id-index.js";
import { describeValue } from "../data/options.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import { ALTERNATING_KERNELS, type AlternatingKernels } from "../engine/alternating-kernels.js";
import { rowRanges } from "../engine/chunks.js";
import { type CompressedRows, placeColumns, placeRows } from "../engine/compressed-rows.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import { runRanges } from "../engine/run-ranges.js";
import { TimeSlice } from "../engine/time-slice.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import { placeGram } from "../ranking/gram.js";
import type { RowEquations } from "../ranking/row-equations.js";
import type { RowMethod } from "../ranking/row-methods.js";
import { placeParameters, placeSide } from "../ranking/row-solver.js";
import { paddedSize } from "../ranking/row-workspace.js";
import type { Side } from "../ranking/scores.js";
import { placeLambdas, solveRows } from "../ranking/solve-rows.js";
import type { HalfStepReport } from "./model.js";
import type { TrainingContext } from "./rating-training.js";

/** Sweeps of coordinate descent in each half-step, where factors may not be negative: the next half-step goes on from there. */
const DESCENT_SWEEPS = 20;

/** What is learned from, and how. */
export interface AlternatingPlan {
  /** The class, for errors. */
  readonly modelName: string;
  readonly matrix: SparseMatrix;
  readonly counts: EntryCounts;
  readonly ids: Readonly<Record<Side, IdIndex>>;
  readonly equations: RowEquations;
  readonly method: RowMethod;
}

/** Alternating least squares: users are solved for with the items fixed, and items with the users fixed, in turn. */
export class AlternatingTraining {
  readonly #context: TrainingContext;
  readonly #plan: AlternatingPlan;
  readonly #scores: BilinearScores;
  /** The entries of each side's rows, as the kernels take them. */
  readonly entries: Readonly<Record<Side, CompressedRows>>;

  private constructor(
    context: TrainingContext,
    plan: AlternatingPlan,
    scores: BilinearScores,
    entries: Readonly<Record<Side, CompressedRows>>,
  ) {
    this.#context = context;
    this.#plan = plan;
    this.#scores = scores;
    this.entries = entries;
  }

  /** Lays the interactions out by users and by items. */
  static async prepare(
    context: TrainingContext,
    plan: AlternatingPlan,
    scores: BilinearScores,
  ): Promise<AlternatingTraining> {
    const { engine, scope, run } = context;
    const { matrix, counts, equations } = plan;
    const slice = new TimeSlice(run.signal);
    const writeTerms = equations.writeTerms.bind(equations);
    const users = await placeRows(engine.arena, scope, matrix, writeTerms, slice);
    const items = await placeColumns(engine.arena, scope, matrix, counts.columns, writeTerms, slice);
    return new AlternatingTraining(context, plan, scores, { users, items });
  }

  /**
   * Solves one side, the other fixed. Returns how many rows took a jitter.
   * @throws {Error} that names a user or an item whose equations cannot be solved
   */
  async solve(side: Side): Promise<number> {
    const { equations, method, ids, modelName } = this.#plan;
    const rows = {
      entries: this.entries[side],
      equations,
      offset: this.#scores.offset,
      method,
      sweeps: DESCENT_SWEEPS,
    };
    const fixed = this.#scores.table(otherSide(side));
    const { jittered, failed } = await solveRows(this.#context, rows, fixed, this.#scores.table(side));
    if (failed === undefined) return jittered;
    const who = `${side === "users" ? "user" : "item"} ${describeValue(ids[side].idAt(failed))}`;
    throw new Error(
      `${modelName}: the interactions of ${who} have no solution in single precision; fit with more regularization, or ` +
        "bring the values nearer to 1",
    );
  }

  /** Solves users, then items. */
  async runEpoch(
    epoch: number,
    onHalfStep?: (report: HalfStepReport) => void,
  ): Promise<{ seconds: number; jitteredRows: number }> {
    let seconds = 0;
    let jitteredRows = 0;
    for (const side of ["users", "items"] as const) {
      const begin = performance.now();
      const jittered = await this.solve(side);
      seconds += (performance.now() - begin) / 1000;
      jitteredRows += jittered;
      onHalfStep?.({ epoch, side, objective: await this.objective(), jitteredRows: jittered });
    }
    return { seconds, jitteredRows };
  }

  /** Σ (r − r̂)² of ratings; of confidences what observed pairs add to the objective. */
  async loss(): Promise<number> {
    return this.#withParameters(async ({ users, items }, parametersPtr) => {
      const { offsets, offsetsPtr, columnsPtr, valuesPtr } = this.entries.users;
      const tables = [offsetsPtr, columnsPtr, valuesPtr, users, items, this.#scores.userFactors.stride];
      return this.#sum("lossRows", offsets, [...tables, parametersPtr]);
    });
  }

  /** What solving brings to its least, in f64 over products in f32. @param loss what `loss` gave, if it is at hand */
  async objective(loss?: number): Promise<number> {
    let sum = (loss ?? (await this.loss())) + (await this.#allPairs());
    for (const side of ["users", "items"] as const) sum += await this.#penalty(side);
    return sum;
  }

  /** Writes half the gradient of the objective in one side's factors, f32[rows × stride]; of confidences only. */
  async gradient(side: Side, gradientPtr: number): Promise<void> {
    const other = otherSide(side);
    const weight = this.#plan.equations.unobservedWeight!;
    const { arena } = this.#context.engine;
    const scope = arena.scope();
    try {
      const gramPtr = await placeGram(this.#context, scope, this.#scores.table(other), weight);
      await this.#withParameters(
        async (sides, parametersPtr) => {
          const { offsets, offsetsPtr, columnsPtr, valuesPtr } = this.entries[side];
          const tables = [offsetsPtr, columnsPtr, valuesPtr, sides[side], sides[other]];
          const shared = [...tables, this.#scores.userFactors.stride, parametersPtr, gradientPtr];
          return this.#sum("gradientRows", offsets, shared);
        },
        { side, gramPtr },
      );
    } finally {
      scope.release();
    }
  }

  /** Runs a kernel over all rows of a side and gives the sum of the results. */
  #sum(kernel: keyof AlternatingKernels, offsets: Uint32Array, shared: readonly number[]): Promise<number> {
    return runRanges({ ...this.#context, family: ALTERNATING_KERNELS }, kernel, rowRanges(offsets), shared);
  }

  async #penalty(side: Side): Promise<number> {
    const { offsets, offsetsPtr } = this.entries[side];
    return this.#withParameters(
      async (sides, parametersPtr) =>
        this.#sum("penaltyRows", offsets, [
          ...[offsetsPtr, sides[side], this.#scores.userFactors.stride],
          parametersPtr,
        ]),
      { side },
    );
  }

  /** α₀ Σ_all (p·q)² = α₀ Σ_fg (PᵀP)_fg (QᵀQ)_fg */
  async #allPairs(): Promise<number> {
    const weight = this.#plan.equations.unobservedWeight;
    if (weight === undefined) return 0;
    const { arena } = this.#context.engine;
    const scope = arena.scope();
    try {
      const floats = paddedSize(this.#scores.userFactors.stride) ** 2;
      const ptrs: number[] = [];
      for (const side of ["users", "items"] as const) {
        ptrs.push(await placeGram(this.#context, scope, this.#scores.table(side), 1));
      }
      const [left, right] = ptrs.map((ptr) => arena.float32(ptr, floats));
      return weight * left!.reduce((sum, entry, at) => sum + entry * right![at]!, 0);
    } finally {
      scope.release();
    }
  }

  /** Runs a job with a parameter block, λ those of `side`, and a descriptor of each side. */
  async #withParameters<Result>(
    job: (sides: Record<Side, number>, parametersPtr: number) => Promise<Result>,
    { side = "users", gramPtr }: { side?: Side; gramPtr?: number } = {},
  ): Promise<Result> {
    const { arena } = this.#context.engine;
    const { equations } = this.#plan;
    const scope = arena.scope();
    try {
      const numFixed = this.#scores.table(otherSide(side)).rows;
      const lambdasPtr = placeLambdas(this.#context, scope, equations, this.entries[side], numFixed);
      // A loss only asks whether there is a Gram matrix: any address will do.
      const anyGramPtr = gramPtr ?? (equations.unobservedWeight === undefined ? 0 : lambdasPtr);
      const block = { parameters: equations.parameters, offset: this.#scores.offset };
      const method = { gramPtr: anyGramPtr, lambdasPtr, sweeps: 0 };
      const parametersPtr = placeParameters(arena, scope, block, method);
      const users = placeSide(arena, scope, this.#scores.table("users"));
      const items = placeSide(arena, scope, this.#scores.table("items"));
      return await job({ users, items }, parametersPtr);
    } finally {
      scope.release();
    }
  }
}

const otherSide = (side: Side): Side => (side === "users" ? "items" : "users");
