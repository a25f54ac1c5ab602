import type { KernelName, Variant } from "./kernels.js";

/**
 * A piece of work for the pool: one kernel over many chunks. Chunk c calls
 * `kernel(...chunkArguments[c], ...sharedArguments)`; its result, one f64, goes to its own place, so that the caller
 * can add the results in chunk order whoever computed them. Chunks are started in `order`; those of one phase may run
 * at once and in any order, and a phase starts when the one before it has ended.
 */
export interface Job {
  readonly variant: Variant;
  readonly kernel: KernelName;
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
}

/** The i32 words that the threads of one job share. */
export const Control = {
  /** How many chunks have been claimed. */
  claimed: 0,
  /** How many chunks have been completed; what the next phase waits for. */
  completed: 1,
  /** Not 0 once the job is to end early. */
  stopped: 2,
  /** From here on: the chunk that worker 0, 1, … has in hand, or −1. */
  inHand: 16,
} as const;

/** The most threads that one job can have. */
export const MAXIMUM_THREADS = 256;

/**
 * Added to `completed` when a job is stopped, so that nobody goes to sleep on a count that no longer moves. Odd, so that
 * no number of stops brings the count back to where it was.
 */
export const STOPPED_COUNT = 2 ** 30 + 1;

/** What the main thread says to a worker. */
export type ToWorker =
  | { type: "start"; index: number; memory: WebAssembly.Memory; controlPtr: number; greetingPtr: number }
  | { type: "module"; variant: Variant; module: WebAssembly.Module }
  | { type: "run"; job: Job };

/** What a worker says to the main thread. */
export type FromWorker =
  | { type: "ready" }
  | { type: "finished"; failure?: { chunk: number; message: string } }
  | { type: "failed"; message: string };

/** What a worker writes to its place at `greetingPtr`, to show that it shares the memory and has not a copy of it. */
export const GREETING = 0x10337a2b;
