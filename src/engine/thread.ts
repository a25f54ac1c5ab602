import { messageOf } from "../data/message-of.js";
import { type NodeWorkerThreads, nodeBuiltin } from "../platform.js";
import type { FromWorker, ToWorker } from "./job.js";
import { WORKER_SOURCE } from "./wasm.generated.js";

/** What the pool needs of a worker, in Node and on the web alike. */
export interface Thread {
  post(message: ToWorker): void;
  /** Called for every message. */
  onMessage: (message: FromWorker) => void;
  /** Called once when the worker has ended or could not start, with the reason. */
  onEnd: (reason: string) => void;
  /** Whether the worker keeps the process alive. It does while it has a job, so that a finished script ends by itself. */
  keepAlive(wanted: boolean): void;
  terminate(): void;
}

/** Whether this host lets workers share a memory: Node and its kin always, a page only under cross-origin isolation. */
export function canShareMemory(): boolean {
  if (nodeBuiltin("node:worker_threads")) return true;
  return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true && typeof Worker === "function";
}

/** Starts a worker from the built-in script, or from `workerUrl`. @throws where the host refuses at once. */
export function startThread(workerUrl: string | URL | undefined): Thread {
  const threads = nodeBuiltin("node:worker_threads");
  return threads ? startNodeThread(threads, workerUrl) : startWebThread(workerUrl);
}

const ignore = (): void => {};

function startNodeThread(threads: NodeWorkerThreads, workerUrl: string | URL | undefined): Thread {
  const worker =
    workerUrl === undefined
      ? new threads.Worker(WORKER_SOURCE, { eval: true, execArgv: [], name: "lowrank" })
      : new threads.Worker(workerUrl, { name: "lowrank" });
  const thread: Thread = {
    post: (message) => worker.postMessage(message),
    onMessage: ignore,
    onEnd: ignore,
    keepAlive: (wanted) => (wanted ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
  let reason = "";
  worker.on("message", (message: FromWorker) => thread.onMessage(message));
  worker.on("error", (error) => {
    reason = messageOf(error);
  });
  worker.on("exit", (code) => thread.onEnd(reason || `exit code ${code}`));
  return thread;
}

function startWebThread(workerUrl: string | URL | undefined): Thread {
  const blobUrl = workerUrl ?? URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));
  const worker = new Worker(blobUrl, { name: "lowrank" });
  let ended = false;
  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    worker.terminate();
    thread.onEnd(reason);
  };
  const thread: Thread = {
    post: (message) => worker.postMessage(message),
    onMessage: ignore,
    onEnd: ignore,
    keepAlive: ignore,
    terminate: () => end("terminated"),
  };
  worker.onmessage = (event: MessageEvent<FromWorker>) => {
    if (workerUrl === undefined && event.data.type === "ready") URL.revokeObjectURL(blobUrl as string);
    thread.onMessage(event.data);
  };
  worker.onerror = (event) =>
    end(event.message || "the worker script could not be loaded (a content security policy?)");
  return thread;
}
