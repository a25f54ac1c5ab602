/** Modules of bench/parts, compiled like the library's kernels: exports of their own, over any memory. */
import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import type { Variant } from "../../src/engine/kernels.js";

const ROOT = new URL("../../", import.meta.url);

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

async function compile(entry: string, variant: Variant): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([entry, "-o", "parts.wasm", ...optionsOf(variant)], {
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
  if (error || !binary) throw new Error(`${entry} does not compile: ${error?.message}\n${stderr}`);
  return binary;
}

/** By entry file and variant. */
const compiled = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/** The binary of bench/parts/`name`.ts, compiled once. */
export function compileModule(name: string, variant: Variant): Promise<Uint8Array<ArrayBuffer>> {
  const entry = `bench/parts/${name}.ts`;
  const key = `${entry} ${variant}`;
  const binary = compiled.get(key) ?? compile(entry, variant);
  compiled.set(key, binary);
  return binary;
}

/**
 * The exports of bench/parts/`name`.ts over a memory of their own or the engine's; undefined where the engine does not run
 * the variant.
 */
export async function openModule<Parts>(
  name: string,
  variant: Variant,
  memory: WebAssembly.Memory,
): Promise<Parts | undefined> {
  const binary = await compileModule(name, variant);
  if (!WebAssembly.validate(binary)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  return exports as unknown as Parts;
}
