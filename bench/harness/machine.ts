import { cpus, totalmem } from "node:os";
import { bundledKernels } from "../../src/engine/kernel-family.js";

export interface Machine {
  processor: string;
  cores: number;
  memoryGiB: number;
  platform: string;
  node: string;
  v8: string;
  /** The kernels a model uses on this engine unless it asks for `reproducible`. */
  wasmVariant: "strict" | "relaxed";
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    wasmVariant: WebAssembly.validate(bundledKernels("relaxed")) ? "relaxed" : "strict",
  };
}

export function machineHeader(machine: Machine): string {
  const { processor, cores, memoryGiB, platform, node, v8, wasmVariant } = machine;
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${platform} · Node ${node}, V8 ${v8} · ${wasmVariant} wasm`;
}
