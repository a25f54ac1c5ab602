/** The inner kernels of solveRows (bench/parts), compiled like the library's: exports of their own, over any memory. */
import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import type { Variant } from "../../src/engine/kernels.js";

const ENTRY = "bench/parts/index.ts";
const ROOT = new URL("../../", import.meta.url);

/** Pointers are byte addresses; what is behind them is told above each function in assembly/linalg and bench/parts. */
export interface LinalgParts {
  addGram(panelPtr: number, lineBytes: number, numRows: number, size: number, gramPtr: number): void;
  factorCholesky(matrixPtr: number, size: number, tolerance: number): number;
  solveCholesky(matrixPtr: number, size: number, vectorPtr: number): void;
  rowsUpTo(
    begin: number,
    end: number,
    rowsPtr: number,
    offsetsPtr: number,
    columnsPtr: number,
    valuesPtr: number,
    fixedPtr: number,
    stride: number,
    parametersPtr: number,
    depth: number,
    workspacePtr: number,
  ): number;
}

/** The options of a build: asconfig.json's, so that the engine's memory fits. */
function optionsOf(variant: Variant): string[] {
  const { options, targets } = JSON.parse(readFileSync(new URL("asconfig.json", ROOT), "utf8")) as {
    options: Record<string, unknown>;
    targets: Record<Variant, { enable: string[] }>;
  };
  const given = Object.entries(options).filter(([, value]) => value !== false);
  const flags = given.flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]));
  return [...flags, "--enable", targets[variant].enable.join(",")];
}

async function compile(variant: Variant): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([ENTRY, "-o", "parts.wasm", ...optionsOf(variant)], {
    readFile(name) {
      if (name === "asconfig.json" || !name.endsWith(".ts")) return null; // the options are given
      try {
        return readFileSync(new URL(name, ROOT), "utf8");
      } catch {
        return null; // asc asks for a file at every place where it may be
      }
    },
    writeFile(name, contents) {
      if (name === "parts.wasm" && typeof contents !== "string") binary = Uint8Array.from(contents);
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`bench/parts does not compile: ${error?.message}\n${stderr}`);
  return binary;
}

const compiled: Partial<Record<Variant, Promise<Uint8Array<ArrayBuffer>>>> = {};

/** The parts over a memory of their own or the engine's; undefined where the engine does not run the variant. */
export async function openParts(variant: Variant, memory: WebAssembly.Memory): Promise<LinalgParts | undefined> {
  compiled[variant] ??= compile(variant);
  const binary = await compiled[variant];
  if (!WebAssembly.validate(binary)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  return exports as unknown as LinalgParts;
}
