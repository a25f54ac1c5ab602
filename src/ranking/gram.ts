/** The Gram matrix Σ q qᵀ of one side's factors, which the equations of implicit feedback start from. */
import type { Arena, Scope } from "../engine/arena.js";
import { ranges } from "../engine/chunks.js";
import type { Kernels } from "../engine/kernels.js";
import { type JobContext, runRanges } from "../engine/run-ranges.js";
import type { FactorTable } from "./factor-table.js";
import { paddedSize, panelBytes } from "./row-workspace.js";

/** Rows of a partial matrix: at least so many, and not more than so many partial matrices. */
const LEAST_ROWS = 1024;
const MOST_PARTIALS = 64;
/** Entries that one chunk of the merge adds up. */
const ENTRIES_PER_CHUNK = 4096;

/** f32[size × size], both triangles, times `scale`, in borrowed memory; computed on the pool. */
export async function placeGram(context: JobContext, scope: Scope, table: FactorTable, scale: number): Promise<number> {
  const { arena } = context.engine;
  const plan = planGram(scope, table);
  const { floats, partialsPtr, gramPtr } = plan;
  await runRanges(context, "gramRows", plan.chunks, [table.factorsPtr, table.stride], panelBytes(table.stride));
  const merge = ranges(floats, ENTRIES_PER_CHUNK);
  await runRanges(context, "mergeGrams", merge, [gramPtr, partialsPtr, plan.chunks.length, floats, scale]);
  mirror(arena.float32(gramPtr, floats), paddedSize(table.stride));
  return gramPtr;
}

/** The same matrix to the same bits, computed here and now: Float32Array[size × size]. */
export function computeGram(arena: Arena, kernels: Kernels, table: FactorTable, scale: number): Float32Array {
  return arena.scoped((scope) => {
    const { chunks, floats, partialsPtr, gramPtr } = planGram(scope, table);
    const workspacePtr = scope.allocate(panelBytes(table.stride), "any");
    for (const [begin, end, ptr] of chunks) {
      kernels.gramRows(begin, end, ptr, table.factorsPtr, table.stride, workspacePtr);
    }
    kernels.mergeGrams(0, floats, gramPtr, partialsPtr, chunks.length, floats, scale);
    const gram = arena.float32(gramPtr, floats).slice();
    mirror(gram, paddedSize(table.stride));
    return gram;
  });
}

function planGram(scope: Scope, { rows, stride }: FactorTable) {
  const floats = paddedSize(stride) ** 2;
  const cuts = ranges(rows, Math.max(LEAST_ROWS, Math.ceil(rows / MOST_PARTIALS)));
  const gramPtr = scope.allocate(floats * 4, "any");
  const partialsPtr = scope.allocate(cuts.length * floats * 4, "any");
  const chunks = cuts.map(([begin, end], part) => [begin, end, partialsPtr + part * floats * 4] as const);
  return { chunks, floats, gramPtr, partialsPtr };
}

/** Entries below the diagonal, by symmetry. */
function mirror(gram: Float32Array, size: number): void {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < row; column++) gram[row * size + column] = gram[column * size + row]!;
  }
}
