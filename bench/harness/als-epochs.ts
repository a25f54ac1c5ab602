/** Epochs of alternating least squares, as the models run them, from a start of the bench's. */
import type { Scope } from "../../src/engine/arena.js";
import { engine } from "../../src/engine/engine.js";
import type { JobContext } from "../../src/engine/run-ranges.js";
import type { FactorTable } from "../../src/ranking/factor-table.js";
import { ConfidenceEquations, RatingEquations, type RowEquations } from "../../src/ranking/row-equations.js";
import { CHOLESKY, conjugateGradient, type RowMethod, subspace } from "../../src/ranking/row-methods.js";
import { solveRows } from "../../src/ranking/solve-rows.js";
import { type AlsData, type AlsKind, type AlsRows, sampleRows } from "./als-data.js";
import {
  ALL,
  type AlsModel,
  checkObjective,
  checkSolvedItems,
  DAMPING,
  PER_ENTRY,
  type Pull,
  startModel,
} from "./als-objective.js";
import { checksum } from "./statistics.js";
import type { Competitor } from "./suite.js";

export type AlsSolver = "cholesky" | "conjugateGradient" | "subspace";

/** An epoch is both half-steps, the users' first; each run starts anew. */
export type AlsEpoch = Pick<Competitor, "prepare" | "run" | "check" | "dispose">;

export const CONJUGATE_GRADIENT_STEPS = 3;
export const SUBSPACE_BLOCK = 32;
const METHODS: Readonly<Record<AlsSolver, RowMethod>> = {
  cholesky: CHOLESKY,
  conjugateGradient: conjugateGradient(CONJUGATE_GRADIENT_STEPS),
  subspace: subspace(SUBSPACE_BLOCK),
};

/**
 * Confidences of weight 1 pull as much, but those for the conjugate gradients twice that: so do the prototype's, and the
 * work is the same.
 */
export function pullOf(kind: AlsKind, solver: AlsSolver): Pull {
  return { kind, pull: solver === "conjugateGradient" ? 2 : 1 };
}

export function equationsOf({ kind, pull }: Pull): RowEquations {
  if (kind === "implicit") {
    const observed = pull === 2 ? "raised" : "added";
    const confidence = { kind: "given", alpha: 1, epsilon: 1, unobservedWeight: ALL, observed } as const;
    return new ConfidenceEquations(confidence, { regularization: DAMPING, exponent: 0, countUnobserved: false });
  }
  const ridge = { perEntry: PER_ENTRY, damping: 0, biasPerEntry: PER_ENTRY, biasDamping: 0 };
  return new RatingEquations({ ...ridge, biases: true });
}

/** One side in the engine's memory. */
export function placeTable(scope: Scope, { factors, biases }: AlsModel["users"]): FactorTable {
  const factorsPtr = scope.allocate(factors.byteLength, "any");
  const biasPtr = scope.allocate(biases.byteLength, "any");
  const table = { factorsPtr, biasPtr, rows: biases.length, stride: factors.length / biases.length };
  writeTable(table, { factors, biases });
  return table;
}

function writeTable({ factorsPtr, biasPtr }: FactorTable, { factors, biases }: AlsModel["users"]): void {
  const { arena } = engine();
  arena.float32(factorsPtr, factors.length).set(factors);
  arena.float32(biasPtr, biases.length).set(biases);
}

function readTable({ rows, stride, factorsPtr, biasPtr }: FactorTable): AlsModel["users"] {
  const { arena } = engine();
  return {
    factors: arena.float32(factorsPtr, rows * stride).slice(),
    biases: arena.float32(biasPtr, rows).slice(),
  };
}

/** A model in the engine's memory, from the first epoch to the end. */
interface PlacedModel {
  scope: Scope;
  users: FactorTable;
  items: FactorTable;
}

function placeModel({ users, items }: AlsModel): PlacedModel {
  const scope = engine().arena.scope();
  return { scope, users: placeTable(scope, users), items: placeTable(scope, items) };
}

/** @param factors a multiple of 4 · @param threads of the pool */
export function alsEpoch(kind: AlsKind, solver: AlsSolver, data: AlsData, factors: number, threads: number): AlsEpoch {
  const name = `lowrank ${kind} ${solver}`;
  const form = pullOf(kind, solver);
  const equations = equationsOf(form);
  const context: JobContext = { engine: engine(), variant: engine().variant(false), run: { threads } };
  let placed: PlacedModel | undefined;
  const halfStep = async ({ entries }: AlsRows, fixed: FactorTable, solved: FactorTable) => {
    const offset = kind === "explicit" ? data.interactions.mean : 0;
    const rows = { entries: entries[kind], equations, offset, method: METHODS[solver], sweeps: 0 };
    const { jittered, failed } = await solveRows(context, rows, fixed, solved);
    if (jittered > 0 || failed !== undefined) throw new Error(`${name}: a row's equations are singular`);
  };
  return {
    prepare() {
      const start = startModel(data, factors);
      placed ??= placeModel(start);
      writeTable(placed.users, start.users);
      writeTable(placed.items, start.items);
    },
    async run() {
      await halfStep(data.users, placed!.items, placed!.users);
      await halfStep(data.items, placed!.users, placed!.items);
    },
    check() {
      const model: AlsModel = { factors, users: readTable(placed!.users), items: readTable(placed!.items) };
      checkObjective(data, model, form, name, `${kind} ${solver}`);
      if (solver === "cholesky") checkSolvedItems(data, model, kind, sampleRows(data.items.matrix, 1), name);
      return checksum(model.users.factors, model.items.factors, model.items.biases);
    },
    dispose() {
      placed?.scope.release();
      placed = undefined;
    },
  };
}
