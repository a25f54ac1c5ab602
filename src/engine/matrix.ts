import type { Arena } from "./arena.js";

/** Floats from one row to the next: the columns rounded up to a multiple of 4, so that a kernel has no tail. */
export function strideOf(columns: number): number {
  return Math.ceil(columns / 4) * 4;
}

/**
 * A dense matrix in the engine's memory: f32[rows × stride] row by row, 16-byte aligned; the floats from `columns` to
 * `stride` of each row are zero.
 */
export class Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Floats from one row to the next, ≥ `columns`. */
  readonly stride: number;
  /** @internal byte address of the first row. */
  readonly ptr: number;
  /** @internal What frees the memory when it is forgotten: not while the matrix is held. */
  readonly owner: unknown;
  readonly #arena: Arena;

  /** @internal `ptr` holds rows × strideOf(columns) floats, which belong to `owner`. */
  constructor(arena: Arena, ptr: number, rows: number, columns: number, owner?: unknown) {
    this.#arena = arena;
    this.owner = owner;
    this.ptr = ptr;
    this.rows = rows;
    this.columns = columns;
    this.stride = strideOf(columns);
  }

  /** All rows with their padding, Float32Array[rows × stride]: a view for use now, stale once memory has grown. */
  get values(): Float32Array {
    return this.#arena.float32(this.ptr, this.rows * this.stride);
  }

  /** Row `index` without padding, Float32Array[columns]: a view. @throws {RangeError} outside [0, rows). */
  row(index: number): Float32Array {
    if (!Number.isInteger(index) || index < 0 || index >= this.rows) {
      throw new RangeError(`row must be a whole number in [0, ${this.rows}), got ${index}`);
    }
    return this.#arena.float32(this.ptr + index * this.stride * 4, this.columns);
  }
}
