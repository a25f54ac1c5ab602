import { type ChunkTable, chunkTable } from "./chunks.js";
import type { Engine } from "./engine.js";
import type { Job } from "./job.js";
import type { AnyKernels, KernelFamily } from "./kernel-family.js";
import type { Kernels, Variant } from "./kernels.js";
import { availableThreads, type RunOptions } from "./pool.js";

/** Where and how jobs run. */
export interface JobContext<Exports extends AnyKernels = Kernels> {
  readonly engine: Engine;
  readonly variant: Variant;
  /** Whose kernels run: the core's if none is named. */
  readonly family?: KernelFamily<Exports> | undefined;
  readonly run: RunOptions;
}

/** A job of one phase over all chunks of a table. */
export function simpleJob<Exports extends AnyKernels = Kernels>(
  { variant, family }: JobContext<Exports>,
  kernel: keyof Exports & string,
  chunks: ChunkTable,
  sharedArguments: readonly number[],
): Job {
  return { variant, family, kernel, ...chunks, sharedArguments, orderPtr: 0, chunksPerPhase: chunks.numChunks };
}

/** Runs one kernel over many ranges, each with its own arguments, and gives the sum of the results; see `rangeResults`. */
export async function runRanges<Exports extends AnyKernels = Kernels>(
  context: JobContext<Exports>,
  kernel: keyof Exports & string,
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
export async function rangeResults<Exports extends AnyKernels = Kernels>(
  context: JobContext<Exports>,
  kernel: keyof Exports & string,
  chunks: readonly (readonly number[])[],
  sharedArguments: readonly number[],
  workspaceBytes = 0,
): Promise<Float64Array> {
  const { engine, run } = context;
  const { arena } = engine;
  const scope = arena.scope();
  try {
    const table = chunkTable(arena, scope, chunks);
    const job = simpleJob(context, kernel, table, sharedArguments);
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
