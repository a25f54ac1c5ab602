/**
 * A thread of the pool. Bundled to one classic script (scripts/build-kernels.mjs): a Blob worker on the web, an `eval`
 * worker in Node. Between jobs it waits in its event loop; during a job it claims chunks until none is left.
 */
import { messageOf } from "../data/message-of.js";
import { Control, type FromWorker, GREETING, MAXIMUM_THREADS, type ToWorker } from "./job.js";
import type { AnyKernels } from "./kernel-family.js";
import { claimChunks, stopChunks } from "./run-chunks.js";

interface Port {
  send(message: FromWorker): void;
  listen(receive: (message: ToWorker) => void): void;
}

function openPort(): Port {
  const host = (globalThis as { process?: NodeJS.Process }).process;
  const threads = host?.getBuiltinModule?.("node:worker_threads");
  if (threads?.parentPort) {
    const port = threads.parentPort;
    return { send: (message) => port.postMessage(message), listen: (receive) => port.on("message", receive) };
  }
  const scope = globalThis as unknown as {
    postMessage(message: unknown): void;
    onmessage: ((event: { data: ToWorker }) => void) | null;
  };
  return {
    send: (message) => scope.postMessage(message),
    listen: (receive) => {
      scope.onmessage = (event) => receive(event.data);
    },
  };
}

const port = openPort();
/** By the names of their modules. */
const kernels: Record<string, AnyKernels> = {};
let memory: WebAssembly.Memory;
let controlPtr = 0;
let index = 0;

const control = (): Int32Array => new Int32Array(memory.buffer, controlPtr, Control.inHand + MAXIMUM_THREADS);

function receive(message: ToWorker): void {
  if (message.type === "start") {
    ({ memory, controlPtr, index } = message);
    Atomics.store(new Int32Array(memory.buffer, message.greetingPtr, index + 1), index, GREETING);
    port.send({ type: "ready" });
  } else if (message.type === "module") {
    const { exports } = new WebAssembly.Instance(message.module, { env: { memory } });
    kernels[message.name] = exports as AnyKernels;
  } else {
    try {
      claimChunks(message.job, message.share, kernels[message.module]!, memory, control(), index);
      port.send({ type: "finished" });
    } catch (error) {
      stopChunks(message.job, memory, control());
      const chunk = Atomics.load(control(), Control.inHand + index);
      port.send({ type: "finished", failure: { chunk, message: messageOf(error) } });
    }
  }
}

port.listen((message) => {
  try {
    receive(message);
  } catch (error) {
    port.send({ type: "failed", message: messageOf(error) });
  }
});
