import { Control, type Job, STOPPED_COUNT } from "./job.js";
import type { Kernels } from "./kernels.js";

/** How often the count of completed chunks is read before the thread goes to sleep on it: about the time of a wake-up. */
const SPINS = 1000;

/** Calls the job's kernel for one chunk and keeps the result. */
export function runChunk(job: Job, kernels: Kernels, buffer: ArrayBufferLike, chunk: number): void {
  const { argumentsPerChunk, chunkArgumentsPtr, resultsPtr, sharedArguments } = job;
  const own = new Float64Array(buffer, chunkArgumentsPtr + chunk * argumentsPerChunk * 8, argumentsPerChunk);
  const kernel = kernels[job.kernel] as (...args: number[]) => number;
  new Float64Array(buffer, resultsPtr + chunk * 8, 1)[0] = kernel(...own, ...sharedArguments);
}

/** The chunk at a place in the job's order. */
export function chunkAt(job: Job, buffer: ArrayBufferLike, position: number): number {
  return job.orderPtr === 0 ? position : new Uint32Array(buffer, job.orderPtr, job.numChunks)[position]!;
}

/**
 * One thread's share of a job: claims chunks until none is left or the job is stopped. A thread that claims a chunk of
 * a later phase waits until all chunks before that phase are complete. Those are in the hands of threads that claimed
 * earlier and wait for nobody later, so some thread can always go on.
 * @param index this worker's place among `Control.inHand`.
 */
export function claimChunks(
  job: Job,
  kernels: Kernels,
  memory: WebAssembly.Memory,
  control: Int32Array,
  index: number,
) {
  const buffer = memory.buffer;
  for (;;) {
    const position = Atomics.add(control, Control.claimed, 1);
    if (position >= job.numChunks) return;
    if (!waitForCompleted(control, position - (position % job.chunksPerPhase))) return;
    const chunk = chunkAt(job, buffer, position);
    Atomics.store(control, Control.inHand + index, chunk);
    runChunk(job, kernels, buffer, chunk);
    Atomics.store(control, Control.inHand + index, -1);
    const completed = Atomics.add(control, Control.completed, 1) + 1;
    if (completed % job.chunksPerPhase === 0) Atomics.notify(control, Control.completed);
  }
}

/** Waits until `count` chunks are complete; false if the job was stopped. */
function waitForCompleted(control: Int32Array, count: number): boolean {
  for (let spin = 0; ; spin++) {
    if (Atomics.load(control, Control.stopped) !== 0) return false;
    const completed = Atomics.load(control, Control.completed);
    if (completed >= count) return true;
    if (spin >= SPINS) Atomics.wait(control, Control.completed, completed);
  }
}

/** Makes every thread of the running job return after the chunk it has in hand. */
export function stopChunks(control: Int32Array): void {
  Atomics.store(control, Control.stopped, 1);
  Atomics.add(control, Control.completed, STOPPED_COUNT);
  Atomics.notify(control, Control.completed);
}
