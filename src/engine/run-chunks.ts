import { Control, type Job, type Share, STOPPED_COUNT } from "./job.js";
import type { AnyKernels } from "./kernel-family.js";

/** How often a count is read before the thread goes to sleep on it: about the time of a wake-up. */
const SPINS = 1000;

/** Calls the job's kernel for one chunk and keeps the result. @param part which of the job's threads this is */
export function runChunk(job: Job, kernels: AnyKernels, buffer: ArrayBufferLike, chunk: number, part: number): void {
  const { argumentsPerChunk, chunkArgumentsPtr, resultsPtr, sharedArguments, workspace } = job;
  const own = new Float64Array(buffer, chunkArgumentsPtr + chunk * argumentsPerChunk * 8, argumentsPerChunk);
  const workArguments = workspace ? [workspace.ptr + part * workspace.bytesPerThread] : [];
  const kernel = kernels[job.kernel]!;
  new Float64Array(buffer, resultsPtr + chunk * 8, 1)[0] = kernel(...own, ...sharedArguments, ...workArguments);
}

/** The chunk at a place in the job's order. */
export function chunkAt(job: Job, buffer: ArrayBufferLike, position: number): number {
  return job.orderPtr === 0 ? position : new Uint32Array(buffer, job.orderPtr, job.numChunks)[position]!;
}

/** The counts of completed chunks: one for the whole job, or one a lane. */
class Progress {
  readonly #control: Int32Array;
  readonly #counts: Int32Array;
  readonly #lanesOf: Uint32Array | undefined;
  readonly #chunksPerPhase: number;

  constructor(job: Job, buffer: ArrayBufferLike, control: Int32Array) {
    const { lanes, numChunks, chunksPerPhase } = job;
    this.#control = control;
    this.#counts = lanes
      ? new Int32Array(buffer, lanes.completedPtr, lanes.count)
      : control.subarray(Control.completed, Control.completed + 1);
    this.#lanesOf = lanes && new Uint32Array(buffer, lanes.ptr, numChunks * 2);
    this.#chunksPerPhase = chunksPerPhase;
  }

  /** Waits until the chunk at `position` may start; false if the job was stopped. */
  waitFor(chunk: number, position: number): boolean {
    const phase = Math.floor(position / this.#chunksPerPhase);
    if (!this.#lanesOf) return this.#waitForCount(0, phase * this.#chunksPerPhase);
    return (
      this.#waitForCount(this.#lanesOf[2 * chunk]!, phase) && this.#waitForCount(this.#lanesOf[2 * chunk + 1]!, phase)
    );
  }

  /** Counts a chunk as complete, and wakes those that it was the last to hold up. */
  complete(chunk: number): void {
    if (!this.#lanesOf) {
      const completed = Atomics.add(this.#counts, 0, 1) + 1;
      if (completed % this.#chunksPerPhase === 0) Atomics.notify(this.#counts, 0);
      return;
    }
    for (let at = 2 * chunk; at < 2 * chunk + 2; at++) {
      Atomics.add(this.#counts, this.#lanesOf[at]!, 1);
      Atomics.notify(this.#counts, this.#lanesOf[at]!);
    }
  }

  /** No chunk is complete. */
  clear(): void {
    this.#counts.fill(0);
  }

  /** Makes every wait end with false. */
  stop(): void {
    Atomics.store(this.#control, Control.stopped, 1);
    for (let at = 0; at < this.#counts.length; at++) {
      Atomics.add(this.#counts, at, STOPPED_COUNT);
      Atomics.notify(this.#counts, at);
    }
  }

  #waitForCount(at: number, wanted: number): boolean {
    for (let spin = 0; ; spin++) {
      if (Atomics.load(this.#control, Control.stopped) !== 0) return false;
      const count = Atomics.load(this.#counts, at);
      if (count >= wanted) return true;
      if (spin >= SPINS) Atomics.wait(this.#counts, at, count);
    }
  }
}

/**
 * One thread's work on a job: phase by phase, claims what nobody else has, beginning with its own share and going round.
 * So a thread meets the same rows in every phase, as far as it keeps up, and finds them in its cache. A thread that
 * claims a chunk may wait for chunks of earlier phases. All of those were claimed before it came to this phase, by
 * threads that wait for nobody later, so some thread can always go on.
 * @param index this worker's place among `Control.inHand`.
 */
export function claimChunks(
  job: Job,
  { part, parts }: Share,
  kernels: AnyKernels,
  memory: WebAssembly.Memory,
  control: Int32Array,
  index: number,
): void {
  const buffer = memory.buffer;
  const { numChunks, chunksPerPhase } = job;
  const progress = new Progress(job, buffer, control);
  const claimed = new Int32Array(buffer, job.claimedPtr, numChunks);
  for (let begin = 0; begin < numChunks; begin += chunksPerPhase) {
    const length = Math.min(chunksPerPhase, numChunks - begin);
    const first = Math.floor((part * length) / parts);
    for (let turn = 0; turn < length; turn++) {
      const position = begin + ((first + turn) % length);
      if (Atomics.exchange(claimed, position, 1) !== 0) continue;
      const chunk = chunkAt(job, buffer, position);
      if (!progress.waitFor(chunk, position)) return;
      Atomics.store(control, Control.inHand + index, chunk);
      runChunk(job, kernels, buffer, chunk, part);
      Atomics.store(control, Control.inHand + index, -1);
      progress.complete(chunk);
    }
  }
}

/** Makes every thread of the running job return after the chunk it has in hand. */
export function stopChunks(job: Job, memory: WebAssembly.Memory, control: Int32Array): void {
  new Progress(job, memory.buffer, control).stop();
}

/** Readies a job's counts for its threads: all its chunks but the first `completed` in its order are to be done. */
export function countChunks(job: Job, completed: number, { buffer }: WebAssembly.Memory, control: Int32Array): void {
  control.fill(0, 0, Control.inHand).fill(-1, Control.inHand);
  new Int32Array(buffer, job.claimedPtr, job.numChunks).fill(0).fill(1, 0, completed);
  const progress = new Progress(job, buffer, control);
  progress.clear();
  for (let position = 0; position < completed; position++) progress.complete(chunkAt(job, buffer, position));
}
