/** After this long the caller's thread gives way at the end of the step it is in: within 10 ms if that takes up to 5. */
const SLICE_MILLISECONDS = 5;

/** Lets the event loop take one turn. */
function nextTurn(): Promise<void> {
  const host = globalThis as { setImmediate?: (callback: () => void) => unknown };
  if (host.setImmediate) return new Promise((resolve) => host.setImmediate!(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel(); // a timer would wait 4 ms
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** Cuts long work on the caller's thread into slices: `if (slice.isOver) await slice.pause()` in the loop. */
export class TimeSlice {
  #end = performance.now() + SLICE_MILLISECONDS;
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Gives the event loop a turn. @throws the signal's reason if it was aborted meanwhile. */
  async pause(): Promise<void> {
    await nextTurn();
    this.#signal?.throwIfAborted();
    this.#end = performance.now() + SLICE_MILLISECONDS;
  }

  /** Runs work that yields now and then, and pauses where a slice is over. */
  async drain<Result>(steps: Generator<void, Result, void>): Promise<Result> {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (this.isOver) await this.pause();
    }
  }
}
