/** Long work in turns with whatever else waits for the event loop. */

const LONGEST_TURN = 25; // milliseconds

/** Remembers when the event loop last had its turn. The clock decides only when to pause, never what is computed. */
export class EventLoopTurns {
  #begin = performance.now();
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Lets the event loop run if this turn has been long. @throws the signal's reason if it is aborted */
  async yieldIfLong(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (performance.now() - this.#begin < LONGEST_TURN) return;
    await new Promise<void>((resolve) => nextTask(resolve));
    this.#begin = performance.now();
    this.#signal?.throwIfAborted();
  }

  /** Runs a generator to its end, in turns; its steps must be short. */
  async run<Result>(steps: Generator<void, Result>): Promise<Result> {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await this.yieldIfLong();
    }
  }
}

/** `setImmediate` where there is one, as timers wait at least a millisecond. */
function nextTask(task: () => void): void {
  const host = globalThis as { setImmediate?: (task: () => void) => void };
  if (host.setImmediate === undefined) setTimeout(task, 0);
  else host.setImmediate(task);
}
