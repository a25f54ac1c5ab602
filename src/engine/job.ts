import type { KernelFamily } from "./kernel-family.js";
import type { Variant } from "./kernels.js";

/**
 * A piece of work for the pool: one kernel over many chunks. Chunk c calls
 * `kernel(...chunkArguments[c], ...sharedArguments, workspacePtr?)`; its result, one f64, goes to its own place, so that
 * the caller can add the results in chunk order whoever computed them. Chunks are claimed by phases of `order`; those of
 * one phase may run at once. Without lanes, a phase starts when the one before it has ended.
 */
export interface Job {
  readonly variant: Variant;
  /** Whose kernel it is; the core's if none is named. Workers get a module in its place. */
  readonly family?: KernelFamily | undefined;
  readonly kernel: string;
  readonly numChunks: number;
  /** f64[numChunks × argumentsPerChunk], byte address. */
  readonly chunkArgumentsPtr: number;
  readonly argumentsPerChunk: number;
  readonly sharedArguments: readonly number[];
  /** u32[numChunks], byte address, or 0 for 0, 1, 2, … */
  readonly orderPtr: number;
  /** Consecutive chunks (in `order`) that make one phase; numChunks where there is one phase. */
  readonly chunksPerPhase: number;
  /** f64[numChunks], byte address, written. */
  readonly resultsPtr: number;
  /** i32[numChunks], byte address: 1 where a thread has claimed the chunk at that place in the order; cleared by the pool. */
  readonly claimedPtr: number;
  /** What stands between the phases if not a barrier. */
  readonly lanes?: Lanes;
  /** Memory for a thread to work in: the kernel gets its thread's as one more argument, the last. */
  readonly workspace?: { readonly ptr: number; readonly bytesPerThread: number };
}

/**
 * A finer order than a barrier between phases: every chunk is on two lanes, no two chunks of a phase on the same one,
 * and a chunk of phase n may start when n chunks are complete on each of its lanes. So a thread that is done early need
 * not wait for the rest of its phase, and whatever shares a lane still happens in the order of the phases.
 */
export interface Lanes {
  /** u32[numChunks × 2], byte address: the lanes of each chunk. */
  readonly ptr: number;
  /** i32[count], byte address: chunks complete on each lane; cleared by the pool. */
  readonly completedPtr: number;
  readonly count: number;
}

/** The i32 words that the threads of one job share. */
export const Control = {
  /** How many chunks have been completed; what the next phase waits for. */
  completed: 0,
  /** Not 0 once the job is to end early. */
  stopped: 1,
  /** From here on: the chunk that worker 0, 1, … has in hand, or −1. */
  inHand: 16,
} as const;

/** The most threads that one job can have. */
export const MAXIMUM_THREADS = 256;

/**
 * Added to every count of completed chunks when a job is stopped, so that nobody goes to sleep on a count that no longer
 * moves. Odd, so that no number of stops brings the count back to where it was.
 */
export const STOPPED_COUNT = 2 ** 30 + 1;

/** Which of a job's threads a worker is: number `part` of `parts`. It says where to begin, not what to leave alone. */
export interface Share {
  readonly part: number;
  readonly parts: number;
}

/** What the main thread says to a worker. */
export type ToWorker =
  | { type: "start"; index: number; memory: WebAssembly.Memory; controlPtr: number; greetingPtr: number }
  | { type: "module"; name: string; module: WebAssembly.Module }
  | { type: "run"; module: string; job: Job; share: Share };

/** What a worker says to the main thread. */
export type FromWorker =
  | { type: "ready" }
  | { type: "finished"; failure?: { chunk: number; message: string } }
  | { type: "failed"; message: string };

/** What a worker writes to its place at `greetingPtr`, to show that it shares the memory and has not a copy of it. */
export const GREETING = 0x10337a2b;
