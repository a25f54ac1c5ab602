/**
 * Families of kernels: those of one family are compiled together, to a module of its own for each variant. The core's text
 * is always there; another family's is loaded when its first kernel is wanted, and only the models that use it may import
 * the file that declares it: a page carries the text of no other.
 */
import { demangle } from "@assemblyscript/loader";
import { messageOf } from "../data/message-of.js";
import { CORE_KERNELS, type Variant } from "./kernels.js";
import { WASM_ALPHABET } from "./wasm.generated.js";

/** Kernels by name, whatever their family. */
export type AnyKernels = Readonly<Record<string, (...args: number[]) => number>>;

/** Both binaries of a family as text, in pieces by turns, as scripts/build-kernels.mjs writes it. */
export type Pieces = readonly (readonly [strict: string, relaxed: string])[];

export interface KernelFamily<Exports extends AnyKernels = AnyKernels> {
  /** The name of its entry file in assembly/families. */
  readonly name: string;
  /** One of its kernels: a module that has none of this name is not of the family. */
  readonly sample: string;
  /** The binaries: at hand, or what loads them. */
  readonly text: Pieces | (() => Promise<Pieces>);
  /** Never there; it makes the type of the exports part of this one. */
  readonly exports?: Exports;
}

type UnknownExports = Record<string, unknown>;

/** What the exported global INTERFACE_VERSION of every module must be. */
const INTERFACE_VERSION = 6;

/** What one of a family's modules is called. */
export function moduleName(variant: Variant, family: KernelFamily = CORE_KERNELS): string {
  return `${family.name} ${variant}`;
}

/** Bytes from the text that scripts/build-kernels.mjs writes: (byte + 3) modulo 256 by one character, or by two. */
function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  const singles = WASM_ALPHABET.length - 2;
  const values = new Uint8Array(128);
  for (let value = 0; value < WASM_ALPHABET.length; value++) values[WASM_ALPHABET.charCodeAt(value)] = value;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    let value = values[text.charCodeAt(at)]!;
    if (value >= singles) value = singles * (value - singles + 1) + values[text.charCodeAt(++at)]!;
    bytes[length++] = value - 3;
  }
  return bytes.slice(0, length);
}

function binaryOf(pieces: Pieces, variant: Variant): Uint8Array<ArrayBuffer> {
  return decodeBytes(pieces.map(([strict, relaxed]) => (variant === "strict" ? strict : relaxed)).join(""));
}

/** The kernels that come with the package, as bytes, of a family whose text is at hand: the core. */
export function bundledKernels(variant: Variant, { name, text }: KernelFamily = CORE_KERNELS): Uint8Array<ArrayBuffer> {
  if (typeof text === "function") throw new Error(`the ${name} kernels must be prepared before they are called`);
  return binaryOf(text, variant);
}

/** `bundledKernels` of any family. @throws {Error} if its text cannot be loaded, as where a server has not the file. */
export async function loadKernels(
  variant: Variant,
  { name, text }: KernelFamily = CORE_KERNELS,
): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof text !== "function") return binaryOf(text, variant);
  try {
    return binaryOf(await text(), variant);
  } catch (cause) {
    const what = `the ${name} kernels, a file of lowrank beside its index.js,`;
    throw new Error(`${what} could not be loaded: ${messageOf(cause)}`, { cause });
  }
}

/** Binds a compiled module to a memory. @throws {Error} if the module has not this version's kernels of the family. */
export function bindKernels<Exports extends AnyKernels>(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  { sample }: KernelFamily<Exports>,
): Exports {
  const isOurs = WebAssembly.Module.imports(module).every(({ module, name }) => `${module}.${name}` === "env.memory");
  // Of the loader only this: what else it adds is for objects and strings, of which kernels know nothing.
  const exports = isOurs ? demangle<UnknownExports>(new WebAssembly.Instance(module, { env: { memory } }).exports) : {};
  const version = exports["INTERFACE_VERSION"];
  if (!(version instanceof WebAssembly.Global) || version.value !== INTERFACE_VERSION || !exports[sample]) {
    throw new Error(
      "the WebAssembly module given as `wasm`, or loaded from beside lowrank, is not of its version; use the files it exports",
    );
  }
  return exports as unknown as Exports;
}
