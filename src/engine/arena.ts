/**
 * The bytes that the kernels work on: an aligned allocator over one WebAssembly memory. Memory grows when nothing
 * free is large enough, and never shrinks, so what is freed is used again. Addresses stay valid when it grows;
 * typed-array views do not, so they are made where they are used and never kept.
 */

const PAGE_BYTES = 65536;
const ALIGNMENT = 64; // a cache line: two owners never share one
/** Memory grows by at least this share of what there is, so that many small requests do not grow it each time. */
const GROWTH = 1 / 16;

/** What an allocation holds at first: zeros, or anything, for the caller to overwrite. */
export type Contents = "zero" | "any";

interface Gap {
  begin: number;
  end: number;
}

const alignUp = (bytes: number, unit: number): number => Math.ceil(bytes / unit) * unit;

/** Allocations that end together: `release` gives all of them back. */
export class Scope {
  readonly #arena: Arena;
  readonly #held = new Set<number>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** `Arena.allocate`, given back with the scope. */
  allocate(bytes: number, contents: Contents = "zero"): number {
    const ptr = this.#arena.allocate(bytes, contents);
    this.#held.add(ptr);
    return ptr;
  }

  /** Gives one allocation of the scope back early. */
  free(ptr: number): void {
    if (this.#held.delete(ptr)) this.#arena.free(ptr);
  }

  /** Gives everything back; the scope is then empty and may be used again. */
  release(): void {
    for (const ptr of this.#held) this.#arena.free(ptr);
    this.#held.clear();
  }
}

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly #maximumBytes: number;
  /** Free ranges in order of address, none touching the next. */
  readonly #gaps: Gap[] = [];
  readonly #sizes = new Map<number, number>();
  #bytesInUse = 0;
  /** No byte from here on has ever been handed out: all of them are still zero. */
  #untouched = 0;

  /** @param maximumBytes what the memory may grow to: the `maximum` it was made with. */
  constructor(memory: WebAssembly.Memory, maximumBytes: number) {
    this.memory = memory;
    this.#maximumBytes = maximumBytes;
    // Address 0 is left out: there is no object there, as everywhere.
    this.#gaps.push({ begin: ALIGNMENT, end: memory.buffer.byteLength });
  }

  /** Bytes handed out and not yet given back, alignment included. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /** Bytes the memory has now. */
  get capacity(): number {
    return this.memory.buffer.byteLength;
  }

  /**
   * `bytes` bytes at a multiple of 64, all zero unless their contents are said not to matter. 0 bytes give an address too.
   * @throws {RangeError} if there is no room up to the memory's limit; names what was asked and what there is.
   */
  allocate(bytes: number, contents: Contents = "zero"): number {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new RangeError(`bytes must be a whole number ≥ 0, got ${bytes}`);
    const size = Math.max(ALIGNMENT, alignUp(bytes, ALIGNMENT));
    let gap = this.#smallestGapOf(size);
    if (!gap) {
      this.#grow(size);
      gap = this.#smallestGapOf(size)!;
    }
    const ptr = gap.begin;
    gap.begin += size;
    if (gap.begin === gap.end) this.#gaps.splice(this.#gaps.indexOf(gap), 1);
    this.#sizes.set(ptr, size);
    this.#bytesInUse += size;
    const used = Math.min(ptr + size, this.#untouched);
    if (contents === "zero" && used > ptr) new Uint8Array(this.memory.buffer, ptr, used - ptr).fill(0);
    this.#untouched = Math.max(this.#untouched, ptr + size);
    return ptr;
  }

  /** Gives an allocation back. @throws {Error} for an address that is not handed out. */
  free(ptr: number): void {
    const size = this.#sizes.get(ptr);
    if (size === undefined) throw new Error(`address ${ptr} is not allocated`);
    this.#sizes.delete(ptr);
    this.#bytesInUse -= size;
    let at = this.#gaps.findIndex((gap) => gap.begin > ptr);
    if (at < 0) at = this.#gaps.length;
    this.#insertGap(at, { begin: ptr, end: ptr + size });
  }

  /** A group of allocations that end together. */
  scope(): Scope {
    return new Scope(this);
  }

  /** Runs `work` with a scope that is released at its end, also when it throws. */
  scoped<Result>(work: (scope: Scope) => Result): Result {
    const scope = this.scope();
    try {
      return work(scope);
    } finally {
      scope.release();
    }
  }

  float32(ptr: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, ptr, length);
  }

  float64(ptr: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, ptr, length);
  }

  uint32(ptr: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, ptr, length);
  }

  int32(ptr: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, ptr, length);
  }

  #smallestGapOf(size: number): Gap | undefined {
    let best: Gap | undefined;
    for (const gap of this.#gaps) {
      const room = gap.end - gap.begin;
      if (room >= size && (!best || room < best.end - best.begin)) best = gap;
    }
    return best;
  }

  #insertGap(at: number, gap: Gap): void {
    const before = this.#gaps[at - 1];
    const after = this.#gaps[at];
    if (before && before.end === gap.begin) {
      before.end = gap.end;
      if (after && after.begin === before.end) {
        before.end = after.end;
        this.#gaps.splice(at, 1);
      }
    } else if (after && after.begin === gap.end) after.begin = gap.begin;
    else this.#gaps.splice(at, 0, gap);
  }

  /** Grows the memory until `size` bytes are free at its end. */
  #grow(size: number): void {
    const capacity = this.capacity;
    const last = this.#gaps.at(-1);
    const freeAtEnd = last && last.end === capacity ? last.end - last.begin : 0;
    const needed = alignUp(size - freeAtEnd, PAGE_BYTES);
    const wished = Math.max(needed, alignUp(capacity * GROWTH, PAGE_BYTES));
    const room = this.#maximumBytes - capacity;
    if (needed > room || !(this.#tryGrow(Math.min(wished, room)) || this.#tryGrow(needed))) {
      const largest = Math.max(room + freeAtEnd, ...this.#gaps.map((gap) => gap.end - gap.begin));
      throw new RangeError(
        `out of memory: ${size} bytes asked for, ${this.#maximumBytes - this.#bytesInUse} of ${this.#maximumBytes} ` +
          `bytes free, at most ${Math.max(0, largest)} in one piece; dispose models no longer used, or use fewer factors`,
      );
    }
    this.#insertGap(this.#gaps.length, { begin: capacity, end: this.capacity });
  }

  #tryGrow(bytes: number): boolean {
    try {
      this.memory.grow(bytes / PAGE_BYTES);
      return true;
    } catch {
      return false; // the host has no more to give
    }
  }
}
