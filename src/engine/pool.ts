import { messageOf } from "../data/message-of.js";
import { nodeBuiltin } from "../platform.js";
import type { Arena } from "./arena.js";
import { Control, type FromWorker, GREETING, type Job, MAXIMUM_THREADS, type Share } from "./job.js";
import { type AnyKernels, type KernelFamily, moduleName } from "./kernel-family.js";
import type { Variant } from "./kernels.js";
import { chunkAt, countChunks, runChunk, stopChunks } from "./run-chunks.js";
import { canShareMemory, startThread, type Thread } from "./thread.js";
import { TimeSlice } from "./time-slice.js";

export interface RunOptions {
  /** How many threads may work on the job, up to MAXIMUM_THREADS; 0 for one per core. */
  threads?: number;
  signal?: AbortSignal | undefined;
}

interface PoolThread {
  readonly thread: Thread;
  readonly index: number;
  /** What it has been posted, by name. */
  readonly modules: Set<string>;
  /** Settles the part of the running job that this thread has. */
  finish: (failure?: string) => void;
}

/** What the pool takes from the engine around it. */
export interface PoolHost {
  readonly arena: Arena;
  readonly workerUrl: string | URL | undefined;
  /** Milliseconds that the caller's thread works on jobs before others are started. */
  readonly patience: number;
  module(variant: Variant, family: KernelFamily | undefined): Promise<WebAssembly.Module>;
  kernels(variant: Variant, family: KernelFamily | undefined): AnyKernels;
}

/** By how much kernels get faster at the most, when the engine has compiled them to their fastest. */
const SPEED_UP = 4;

/** Threads the machine can run at once. */
export function availableThreads(): number {
  const cores = nodeBuiltin("node:os")?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.max(1, Math.min(cores, MAXIMUM_THREADS));
}

/**
 * The threads that run jobs, one job at a time. At first jobs run on the caller's thread, in slices: little work is over
 * sooner than threads have started. When that has taken about as long as starting them, they are started and go on with
 * what is left. Where memory cannot be shared with workers, patience has no end.
 */
export class Pool {
  readonly #host: PoolHost;
  readonly #controlPtr: number;
  readonly #greetingPtr: number;
  #threads: PoolThread[] = [];
  /** What is left of the host's; infinite where jobs must run on the caller's thread. */
  #patience: number;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(host: PoolHost) {
    this.#host = host;
    this.#patience = canShareMemory() ? host.patience : Infinity;
    this.#controlPtr = host.arena.allocate((Control.inHand + MAXIMUM_THREADS) * 4);
    this.#greetingPtr = host.arena.allocate(MAXIMUM_THREADS * 4);
  }

  /** The workers alive now. */
  get threads(): readonly Thread[] {
    return this.#threads.map(({ thread }) => thread);
  }

  /**
   * Runs a job to its end; jobs wait for each other. Afterwards the results are in their places.
   * @throws {Error} that names the kernel and the chunk, if a kernel traps or a worker ends; the signal's reason, if it
   * is aborted. The pool can be used on in every case.
   */
  run(job: Job, options: RunOptions = {}): Promise<void> {
    const result = this.#tail.then(() => this.#runNow(job, options));
    this.#tail = result.catch(() => {});
    return result;
  }

  /** Starts the threads that a job will want, as soon as those before it are done. @throws {Error} if one cannot start. */
  prepare(threads: number): Promise<void> {
    const result = this.#tail.then(() => this.#startThreads(threads));
    this.#tail = result.catch(() => {});
    return result;
  }

  /** Ends all workers: a job that is running fails, and a later one starts new ones. */
  terminate(): void {
    for (const { thread } of this.#threads.splice(0)) thread.terminate();
  }

  async #runNow(job: Job, { threads = 0, signal }: RunOptions): Promise<void> {
    signal?.throwIfAborted();
    if (job.numChunks === 0) return;
    const module = await this.#host.module(job.variant, job.family);
    const wanted = Math.min(threads || availableThreads(), job.chunksPerPhase);
    const isPatient = this.#threads.length === 0 && this.#patience > 0;
    const completed = isPatient ? await this.#runHere(job, 0, signal) : 0;
    if (completed === job.numChunks) return;
    await this.#startThreads(wanted);
    signal?.throwIfAborted(); // it may have been, while threads started
    if (this.#patience === Infinity) await this.#runHere(job, completed, signal);
    else await this.#runOnThreads(job, completed, this.#threads.slice(0, wanted), module, signal);
  }

  /** Runs chunks on the caller's thread until patience ends, or is sure to. @returns how many are complete then */
  async #runHere(job: Job, completed: number, signal: AbortSignal | undefined): Promise<number> {
    signal?.throwIfAborted(); // it may have been, while kernels were compiled
    const kernels = this.#host.kernels(job.variant, job.family);
    const slice = new TimeSlice(signal);
    const begin = performance.now();
    const end = begin + this.#patience;
    let position = completed;
    while (position < job.numChunks) {
      const buffer = this.#host.arena.memory.buffer;
      const chunk = chunkAt(job, buffer, position++);
      try {
        runChunk(job, kernels, buffer, chunk, 0);
      } catch (error) {
        throw new Error(`${describe(job, chunk)} failed: ${messageOf(error)}`);
      }
      if (!slice.isOver) continue;
      await slice.pause();
      const now = performance.now();
      if (now + ((now - begin) * (job.numChunks / position - 1)) / SPEED_UP >= end) break;
    }
    this.#patience = end - performance.now();
    return position;
  }

  /** Runs what is left of a job of which the first `completed` chunks are. */
  async #runOnThreads(
    job: Job,
    completed: number,
    threads: PoolThread[],
    module: WebAssembly.Module,
    signal?: AbortSignal,
  ): Promise<void> {
    if (threads.length === 0) throw new Error(`${job.kernel} failed: all workers ended before it began`);
    const control = this.#host.arena.int32(this.#controlPtr, Control.inHand + MAXIMUM_THREADS);
    const { memory } = this.#host.arena;
    countChunks(job, completed, memory, control);
    const stop = (): void => stopChunks(job, memory, control);
    signal?.addEventListener("abort", stop);
    const failures = await Promise.all(
      threads.map((member, part) => {
        const share = { part, parts: threads.length };
        return this.#runOnThread(job, share, member, module, control, stop);
      }),
    );
    signal?.removeEventListener("abort", stop);
    const failure = failures.find(Boolean);
    if (failure) throw new Error(failure);
    signal?.throwIfAborted();
  }

  /** Resolves when the thread's part of the job is over: to what went wrong, or nothing. */
  #runOnThread(
    job: Job,
    share: Share,
    member: PoolThread,
    module: WebAssembly.Module,
    control: Int32Array,
    stop: () => void,
  ): Promise<string | undefined> {
    const { thread, index, modules } = member;
    const name = moduleName(job.variant, job.family);
    return new Promise((resolve) => {
      member.finish = (failure) => {
        member.finish = ignore;
        if (failure !== undefined) stop();
        const chunk = Atomics.load(control, Control.inHand + index);
        resolve(failure === undefined ? undefined : `${describe(job, chunk)} failed: ${failure}`);
        thread.keepAlive(false);
      };
      thread.keepAlive(true);
      if (!modules.has(name)) thread.post({ type: "module", name, module });
      modules.add(name);
      thread.post({ type: "run", module: name, job: { ...job, family: undefined }, share }); // nor can what loads it be posted
    });
  }

  /** Brings the pool to at least `wanted` threads, where there can be any. */
  async #startThreads(wanted: number): Promise<void> {
    if (this.#patience === Infinity) return;
    const taken = new Set(this.#threads.map(({ index }) => index));
    const starting: Promise<void>[] = [];
    for (let index = 0; this.#threads.length + starting.length < wanted; index++) {
      if (!taken.has(index)) starting.push(this.#startThread(index));
    }
    const results = await Promise.allSettled(starting);
    const failed = results.find((result) => result.status === "rejected");
    if (!failed) return;
    // A page may forbid Blob workers by its content security policy; that is found out only here.
    if (!nodeBuiltin("node:worker_threads") && this.#host.workerUrl === undefined && this.#threads.length === 0) {
      this.#patience = Infinity;
      console.warn(`lowrank: no worker could start, one thread is used instead (${failed.reason.message})`);
      return;
    }
    throw failed.reason;
  }

  #startThread(index: number): Promise<void> {
    const { arena, workerUrl } = this.#host;
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => reject(new Error(`worker ${index} could not start: ${reason}`));
      let thread: Thread;
      try {
        thread = startThread(workerUrl);
      } catch (error) {
        return fail(messageOf(error));
      }
      thread.onEnd = fail;
      thread.onMessage = (message) => {
        const greeting = Atomics.load(arena.int32(this.#greetingPtr, MAXIMUM_THREADS), index);
        if (message.type === "ready" && greeting === GREETING) {
          this.#admit(thread, index);
          return resolve();
        }
        fail("message" in message ? message.message : "it got a copy of the memory");
        thread.terminate();
      };
      Atomics.store(arena.int32(this.#greetingPtr, MAXIMUM_THREADS), index, 0);
      thread.post({
        type: "start",
        index,
        memory: arena.memory,
        controlPtr: this.#controlPtr,
        greetingPtr: this.#greetingPtr,
      });
    });
  }

  #admit(thread: Thread, index: number): void {
    const member: PoolThread = { thread, index, modules: new Set(), finish: ignore };
    thread.onMessage = (message: FromWorker) => {
      if (message.type === "finished") member.finish(message.failure?.message);
      else if (message.type === "failed") member.finish(message.message);
    };
    thread.onEnd = (reason) => {
      this.#threads = this.#threads.filter((each) => each !== member);
      member.finish(`worker ${index} ended (${reason})`);
    };
    thread.keepAlive(false);
    this.#threads.push(member);
    this.#threads.sort((a, b) => a.index - b.index);
  }
}

const ignore = (): void => {};

function describe(job: Job, chunk: number): string {
  return chunk < 0 ? `${job.kernel}` : `${job.kernel}, chunk ${chunk} of ${job.numChunks},`;
}
