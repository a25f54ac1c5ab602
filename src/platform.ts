/**
 * The host, found at run time. Node's built-ins are reached without an import, so that a bundler for the web has
 * nothing to resolve; outside Node, Bun and Deno they are `undefined`. Nothing else in the library names `node:*`.
 */
import type * as FileSystem from "node:fs";
import type * as OperatingSystem from "node:os";
import type * as Path from "node:path";
import type * as Url from "node:url";
import type * as WorkerThreads from "node:worker_threads";

interface NodeBuiltins {
  "node:fs": typeof FileSystem;
  "node:os": typeof OperatingSystem;
  "node:path": typeof Path;
  "node:url": typeof Url;
  "node:worker_threads": typeof WorkerThreads;
}

export type NodeWorkerThreads = typeof WorkerThreads;

/** The named built-in module, or `undefined` in a browser. `process.getBuiltinModule` came with Node 20.16 and 22.3. */
export function nodeBuiltin<Name extends keyof NodeBuiltins>(name: Name): NodeBuiltins[Name] | undefined {
  const host = (globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }).process;
  return host?.getBuiltinModule?.(name) as NodeBuiltins[Name] | undefined;
}
