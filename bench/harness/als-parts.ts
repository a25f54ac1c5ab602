/** What an exact epoch's time goes to, by taking rows only so far: differences of what is timed. */
import type { Scope } from "../../src/engine/arena.js";
import { ranges } from "../../src/engine/chunks.js";
import type { CompressedRows } from "../../src/engine/compressed-rows.js";
import { engine } from "../../src/engine/engine.js";
import type { JobContext } from "../../src/engine/run-ranges.js";
import type { FactorTable } from "../../src/ranking/factor-table.js";
import { placeGram } from "../../src/ranking/gram.js";
import { placeParameters, placeSide } from "../../src/ranking/row-solver.js";
import { solveBytes } from "../../src/ranking/row-workspace.js";
import { placeLambdas } from "../../src/ranking/solve-rows.js";
import { type AlsData, type AlsKind, type AlsRows, entriesOf, placeUint32, sampleRows } from "./als-data.js";
import { equationsOf, placeTable, pullOf } from "./als-epochs.js";
import { startModel } from "./als-objective.js";
import { type LinalgParts, openParts } from "./linalg-parts.js";
import type { Facts } from "./suite.js";

/** Multiplications and additions that one pass over a side's sample may take. */
const SAMPLE_FLOPS = 2e9;
const PASSES = 5;
/** Rows of one call, so that calls are short and the engine can bring in its optimised code between them. */
const ROWS_PER_CALL = 32;
const DEPTHS = [0, 1, 2, 3];

/** Multiplications and additions of a side's rows: Gram, factor and two triangular solves, once more for the bias. */
export function flopsOf({ matrix }: AlsRows, factors: number, kind: AlsKind): number {
  const solves = kind === "explicit" ? 2 : 1;
  const perRow = factors ** 3 / 3 + solves * 2 * factors ** 2;
  return matrix.size * factors * (factors + 1) + matrix.numRows * perRow;
}

/** The shares of gathering, Gram, factor and solve in an epoch of one thread, over a sample of rows of every length. */
export async function shareOfParts(kind: AlsKind, data: AlsData, factors: number): Promise<Facts> {
  const { arena } = engine();
  const variant = engine().variant(false);
  const parts = await openParts(variant, arena.memory);
  if (!parts) throw new Error("the parts do not run here, though the kernels do");
  const context = { engine: engine(), variant, run: { threads: 1 } };
  const totals = DEPTHS.map(() => 0);
  const start = startModel(data, factors);
  for (const [rows, fixed] of [
    [data.users, start.items],
    [data.items, start.users],
  ] as const) {
    const scope = arena.scope();
    try {
      const every = Math.max(1, Math.ceil(flopsOf(rows, factors, kind) / SAMPLE_FLOPS));
      const sample = sampleRows(rows.matrix, every);
      const tables = await placeTables(context, scope, kind, data, rows, placeTable(scope, fixed));
      const rowsPtr = placeUint32(scope, sample);
      const times = timeDepths(parts, sample.length, rowsPtr, tables);
      const scale = rows.matrix.size / Math.max(1, entriesOf(rows.matrix, sample));
      for (const depth of DEPTHS) totals[depth]! += scale * times[depth]!;
    } finally {
      scope.release();
    }
  }
  return sharesOf(totals);
}

/** What rowsUpTo takes beside the rows. */
interface Tables extends CompressedRows {
  readonly fixedPtr: number;
  readonly stride: number;
  readonly parametersPtr: number;
  readonly workspacePtr: number;
}

async function placeTables(
  context: JobContext,
  scope: Scope,
  kind: AlsKind,
  { interactions }: AlsData,
  rows: AlsRows,
  fixed: FactorTable,
): Promise<Tables> {
  const { arena } = context.engine;
  const { stride } = fixed;
  const entries = rows.entries[kind];
  const equations = equationsOf(pullOf(kind, "cholesky"));
  const weight = equations.unobservedWeight;
  const gramPtr = weight === undefined ? 0 : await placeGram(context, scope, fixed, weight);
  const lambdasPtr = placeLambdas(context, scope, equations, entries, fixed.rows);
  const block = { parameters: equations.parameters, offset: kind === "explicit" ? interactions.mean : 0 };
  return {
    ...entries,
    fixedPtr: placeSide(arena, scope, fixed),
    stride,
    parametersPtr: placeParameters(arena, scope, block, { gramPtr, lambdasPtr, sweeps: 0 }),
    workspacePtr: scope.allocate(solveBytes(stride, Number.POSITIVE_INFINITY)),
  };
}

/** ms of a pass over the sample to each depth: the least of some for each call, so that what else runs counts little. */
function timeDepths(
  parts: LinalgParts,
  numRows: number,
  rowsPtr: number,
  { offsetsPtr, columnsPtr, valuesPtr, fixedPtr, stride, parametersPtr, workspacePtr }: Tables,
): number[] {
  const entries = [rowsPtr, offsetsPtr, columnsPtr, valuesPtr] as const;
  const calls = ranges(numRows, ROWS_PER_CALL);
  const least = DEPTHS.map(() => new Float64Array(calls.length).fill(Infinity));
  let failures = 0;
  for (let turn = 0; turn < PASSES; turn++) {
    for (const depth of DEPTHS) {
      for (const [call, [begin, end]] of calls.entries()) {
        const start = performance.now();
        failures += parts.rowsUpTo(begin, end, ...entries, fixedPtr, stride, parametersPtr, depth, workspacePtr);
        least[depth]![call] = Math.min(least[depth]![call]!, performance.now() - start);
      }
    }
  }
  if (failures > 0) throw new Error(`${failures} rows could not be solved`);
  return least.map((times) => times.reduce((sum, time) => sum + time, 0));
}

function sharesOf([gather, gram, factor, solve]: readonly number[]): Facts {
  return {
    shareGather: gather! / solve!,
    shareGram: (gram! - gather!) / solve!,
    shareFactor: (factor! - gram!) / solve!,
    shareSolve: (solve! - factor!) / solve!,
    partsSeconds: solve! / 1e3,
  };
}
