import { type ChunkTable, chunkTable } from "./chunks.js";
import type { Engine } from "./engine.js";
import type { Job } from "./job.js";
import type { KernelName, Variant } from "./kernels.js";
import { availableThreads, type RunOptions } from "./pool.js";

/** Where and how jobs run. */
export interface JobContext {
  readonly engine: Engine;
  readonly variant: Variant;
  readonly run: RunOptions;
}

/** A job of one phase over all chunks of a table. */
export function simpleJob(
  kernel: KernelName,
  variant: Variant,
  chunks: ChunkTable,
  sharedArguments: readonly number[],
): Job {
  return { variant, kernel, ...chunks, sharedArguments, orderPtr: 0, chunksPerPhase: chunks.numChunks };
}

/** Runs one kernel over many ranges, each with its own arguments, and gives the sum of the results; see `rangeResults`. */
export async function runRanges(
  context: JobContext,
  kernel: KernelName,
  chunks: readonly (readonly number[])[],
  sharedArguments: readonly number[],
  workspaceBytes = 0,
): Promise<number> {
  let sum = 0;
  for (const result of await rangeResults(context, kernel, chunks, sharedArguments, workspaceBytes)) sum += result;
  return sum;
}

/**
 * Runs one kernel over many ranges and gives the result of each.
 * @param workspaceBytes of each thread, for a kernel that takes a workspace last; 0 for none
 */
export async function rangeResults(
  { engine, variant, run }: JobContext,
  kernel: KernelName,
  chunks: readonly (readonly number[])[],
  sharedArguments: readonly number[],
  workspaceBytes = 0,
): Promise<Float64Array> {
  const { arena } = engine;
  const scope = arena.scope();
  try {
    const table = chunkTable(arena, scope, chunks);
    const job = simpleJob(kernel, variant, table, sharedArguments);
    await engine.run(workspaceBytes === 0 ? job : { ...job, workspace: allocateWorkspace() }, run);
    return arena.float64(table.resultsPtr, table.numChunks).slice();
  } finally {
    scope.release();
  }

  function allocateWorkspace(): NonNullable<Job["workspace"]> {
    const bytesPerThread = Math.ceil(workspaceBytes / 64) * 64;
    const threads = Math.min(run.threads || availableThreads(), chunks.length);
    return { ptr: scope.allocate(threads * bytesPerThread, "any"), bytesPerThread };
  }
}
