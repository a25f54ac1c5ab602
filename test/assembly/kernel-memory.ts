import { ALTERNATING_KERNELS } from "../../src/engine/alternating-kernels.js";
import { AUTOREC_KERNELS } from "../../src/engine/autorec-kernels.js";
import { DESCENT_KERNELS } from "../../src/engine/descent-kernels.js";
import {
  type AnyKernels,
  bindKernels,
  bundledKernels,
  type KernelFamily,
  loadKernels,
  moduleName,
} from "../../src/engine/kernel-family.js";
import { CORE_KERNELS, type Kernels, type Variant } from "../../src/engine/kernels.js";

/** The variants that run here: relaxed SIMD came with Node 21. */
export const VARIANTS: readonly Variant[] = (["strict", "relaxed"] as const).filter((variant) =>
  WebAssembly.validate(bundledKernels(variant)),
);

/** A NaN that no kernel makes: what stands before and after every array. */
const CANARY = 0x7fa5c3e1;
const LEAST_CANARY_BYTES = 64;
const PAGE_BYTES = 65536;
const MAXIMUM_PAGES = 65536;

export const FAMILIES: readonly KernelFamily[] = [ALTERNATING_KERNELS, AUTOREC_KERNELS, CORE_KERNELS, DESCENT_KERNELS];

/** Loaded and compiled before any test: by `moduleName`. */
const modules = new Map<string, WebAssembly.Module>();
for (const variant of VARIANTS) {
  for (const family of FAMILIES) {
    modules.set(moduleName(variant, family), await WebAssembly.compile(await loadKernels(variant, family)));
  }
}

/** Where an array lies, and a view of it. */
export interface Placed<View> {
  readonly ptr: number;
  readonly view: View;
}

/** A fresh memory with one variant of the kernels, the core's and those of other families on request, and arrays in it. */
export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly #variant: Variant;
  readonly #families = new Map<KernelFamily, AnyKernels>();
  #end: number;
  readonly #canaries: { ptr: number; words: number }[] = [];

  /** @param begin the byte address from which on arrays are placed. */
  constructor(variant: Variant, begin = 1024) {
    const initial = Math.ceil(begin / PAGE_BYTES) + 16;
    this.memory = new WebAssembly.Memory({ initial, maximum: MAXIMUM_PAGES, shared: true });
    this.#variant = variant;
    this.kernels = this.kernelsOf(CORE_KERNELS);
    this.#end = begin;
    this.#addCanary();
  }

  /** The kernels of a family over this memory. */
  kernelsOf<Exports extends AnyKernels>(family: KernelFamily<Exports>): Exports {
    const kernels = this.#families.get(family) ?? this.#bind(family);
    this.#families.set(family, kernels);
    return kernels as Exports;
  }

  #bind(family: KernelFamily): AnyKernels {
    return bindKernels(modules.get(moduleName(this.#variant, family))!, this.memory, family);
  }

  /** f32[]: a copy of what is given, or, for an output, so many canaries. */
  float32(content: ArrayLike<number> | number): Placed<Float32Array> {
    const { ptr, length } = this.#place(content);
    const view = new Float32Array(this.memory.buffer, ptr, length);
    if (typeof content !== "number") view.set(content);
    return { ptr, view };
  }

  /** u32[]: a copy of what is given, or, for an output, so many canaries. */
  uint32(content: ArrayLike<number> | number): Placed<Uint32Array> {
    const { ptr, length } = this.#place(content);
    const view = new Uint32Array(this.memory.buffer, ptr, length);
    if (typeof content !== "number") view.set(content);
    return { ptr, view };
  }

  /** The byte addresses before and behind arrays that were written to: there should be none. */
  touchedCanaries(): number[] {
    const touched: number[] = [];
    for (const { ptr, words } of this.#canaries) {
      new Uint32Array(this.memory.buffer, ptr, words).forEach((word, at) => {
        if (word !== CANARY) touched.push(ptr + 4 * at);
      });
    }
    return touched;
  }

  /** Room for so many words, 64-byte aligned, filled with canaries. */
  #place(content: ArrayLike<number> | number): { ptr: number; length: number } {
    const length = typeof content === "number" ? content : content.length;
    const ptr = this.#end;
    this.#end += length * 4;
    this.#growTo(this.#end + 2 * LEAST_CANARY_BYTES);
    new Uint32Array(this.memory.buffer, ptr, length).fill(CANARY);
    this.#addCanary();
    return { ptr, length };
  }

  /** Canaries from here to a multiple of 64: at least 64 bytes of them. */
  #addCanary(): void {
    const ptr = this.#end;
    this.#end = Math.ceil((ptr + LEAST_CANARY_BYTES) / 64) * 64;
    const words = (this.#end - ptr) / 4;
    new Uint32Array(this.memory.buffer, ptr, words).fill(CANARY);
    this.#canaries.push({ ptr, words });
  }

  #growTo(bytes: number): void {
    const missing = bytes - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
  }
}
