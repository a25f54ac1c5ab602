/**
 * The prototype kernels (the loops behind the design's figures), if LOWRANK_PROTOTYPES names the folder with their
 * kernels.ts: compiled into the temporary folder, to run beside the library's.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";

export type PrototypeKernels = Record<string, (...args: number[]) => number>;

/** A prototype instance and its memory, filled from the bottom. */
export class Prototype {
  readonly kernels: PrototypeKernels;
  readonly #memory: WebAssembly.Memory;
  #top = 1 << 16;

  private constructor(module: WebAssembly.Module, bytes: number) {
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) + 2, maximum: 65536, shared: true });
    this.kernels = new WebAssembly.Instance(module, { env: { memory: this.#memory } })
      .exports as unknown as PrototypeKernels;
  }

  /** An instance with room for `bytes`, or undefined where there are no prototypes. */
  static async open(bytes: number): Promise<Prototype | undefined> {
    const folder = process.env.LOWRANK_PROTOTYPES;
    if (!folder) return undefined;
    compiled ??= compile(folder);
    return new Prototype(await compiled, bytes);
  }

  /** The byte address of a copy of the array, and a view of it. */
  put<Numbers extends Uint32Array | Float32Array>(numbers: Numbers): { ptr: number; view: Numbers } {
    const ptr = this.#top;
    this.#top += (numbers.byteLength + 63) & ~63;
    const View = numbers.constructor as new (buffer: ArrayBufferLike, ptr: number, length: number) => Numbers;
    const view = new View(this.#memory.buffer, ptr, numbers.length);
    view.set(numbers);
    return { ptr, view };
  }
}

let compiled: Promise<WebAssembly.Module> | undefined;

async function compile(folder: string): Promise<WebAssembly.Module> {
  const build = mkdtempSync(join(tmpdir(), "lowrank-prototype-"));
  try {
    for (const features of ["simd,threads,relaxed-simd", "simd,threads"]) {
      const output = join(build, "kernels.wasm");
      const { error, stderr } = await asc.main([
        ...[join(folder, "kernels.ts"), "-o", output, "--runtime", "stub", "--enable", features],
        ...["--importMemory", "--sharedMemory", "--initialMemory", "2", "--maximumMemory", "65536"],
        ...["--noAssert", "--uncheckedBehavior", "always", "-O3", "--converge", "--disableWarning", "201"],
      ]);
      if (error) throw new Error(`the prototypes do not compile: ${error.message}\n${stderr}`);
      const bytes = readFileSync(output);
      if (WebAssembly.validate(bytes)) return new WebAssembly.Module(bytes);
    }
  } finally {
    rmSync(build, { recursive: true });
  }
  throw new Error("this engine runs neither build of the prototypes");
}
