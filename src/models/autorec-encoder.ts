/** The half of AutoRec that serving needs: from a row's entries to its code, z = g(μ + Σ x V), less that of no entries. */
import type { SparseMatrix } from "../data/sparse-matrix.js";
import type { Scope } from "../engine/arena.js";
import { AUTOREC_KERNELS, type AutorecKernels } from "../engine/autorec-kernels.js";
import {
  ACTIVATION_CODES,
  allocateCodes,
  type NetworkWords,
  placeNetwork,
  placeParameters,
  TILE_UNITS,
  tileBytesOf,
  tilesOf,
} from "../engine/autorec-network.js";
import { ranges } from "../engine/chunks.js";
import type { Engine } from "../engine/engine.js";
import type { Variant } from "../engine/kernels.js";
import { strideOf } from "../engine/matrix.js";
import { placeRowBatches, type RowBatch } from "../engine/row-batches.js";
import { type JobContext, runRanges } from "../engine/run-ranges.js";
import type { TimeSlice } from "../engine/time-slice.js";
import type { FactorTable } from "../ranking/factor-table.js";
import type { MatrixValues } from "../storage/encode-model.js";
import type { Centering } from "./autorec-centering.js";
import type { Activation } from "./autorec-options.js";

/** Rows encoded together where nothing is learned. */
const ROWS_AT_A_TIME = 256;
/** Slots that one chunk puts into a table. */
const SLOTS_PER_CHUNK = 64;
const TILE_ROW_BYTES = 128;

export interface EncoderShape {
  readonly numInputs: number;
  readonly hidden: number;
  readonly activation: Activation;
}

/** V and μ in the engine's memory, V by tiles (assembly/linalg/autorec-network.ts); all zero at first. */
export class Encoder {
  readonly numInputs: number;
  readonly hidden: number;
  readonly activation: Activation;
  readonly tileBytes: number;
  readonly numTiles: number;
  /** Byte address of V. */
  readonly ptr: number;
  readonly #engine: Engine;
  readonly #variant: Variant;

  /** @param memory what the encoder's memory goes with */
  constructor(engine: Engine, variant: Variant, memory: { allocate(bytes: number): number }, shape: EncoderShape) {
    this.numInputs = shape.numInputs;
    this.hidden = shape.hidden;
    this.activation = shape.activation;
    this.numTiles = tilesOf(shape.hidden);
    this.tileBytes = tileBytesOf(shape.numInputs);
    this.#engine = engine;
    this.#variant = variant;
    this.ptr = memory.allocate(this.#numBytes);
  }

  get #numBytes(): number {
    return this.numTiles * (this.tileBytes + TILE_ROW_BYTES);
  }

  /** V and μ as bytes: what to copy to keep a state of training. A view, stale once memory has grown. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#engine.arena.memory.buffer, this.ptr, this.#numBytes);
  }

  /** Byte address of μ, f32[tiles × 32]. */
  get hiddenBiasPtr(): number {
    return this.ptr + this.numTiles * this.tileBytes;
  }

  /** μ, f32[hidden]: a view, stale once memory has grown. */
  get hiddenBias(): Float32Array {
    return this.#engine.arena.float32(this.hiddenBiasPtr, this.hidden);
  }

  /** V row by row, a copy. */
  weights(): MatrixValues {
    const { numInputs: rows, hidden: columns } = this;
    const stride = strideOf(columns);
    const { arena } = this.#engine;
    const values = arena.scoped((scope) => {
      const ptr = scope.allocate(rows * stride * 4, "any");
      this.#kernels.unpackTiles(0, rows, ptr, stride, this.ptr, this.tileBytes);
      return arena.float32(ptr, rows * stride).slice();
    });
    return { rows, columns, stride, values };
  }

  /** Takes V row by row, f32[inputs × stride]. */
  setWeights(values: Float32Array): void {
    const { arena } = this.#engine;
    const stride = strideOf(this.hidden);
    arena.scoped((scope) => {
      const ptr = scope.allocate(values.length * 4, "any");
      arena.float32(ptr, values.length).set(values);
      this.#kernels.packTiles(0, this.numInputs, ptr, stride, this.ptr, this.tileBytes);
    });
  }

  get #kernels(): AutorecKernels {
    return this.#engine.kernels(this.#variant, AUTOREC_KERNELS);
  }

  /** The words of a network that this encoder is of. */
  get words(): NetworkWords {
    const { ptr: encoder, tileBytes, hiddenBiasPtr: hiddenBias } = this;
    return { encoder, tileBytes, hiddenBias, activation: ACTIVATION_CODES[this.activation] };
  }

  /** The code of one row, Float32Array[stride], in this thread. Columns each once; their order does not matter. */
  encodeRow(columns: Uint32Array, inputs: Float32Array, stride: number): Float32Array {
    const { arena } = this.#engine;
    return arena.scoped((scope) => {
      const { networkPtr, codeRows } = this.#place(scope, 1);
      const order = Uint32Array.from(columns.keys()).sort((a, b) => columns[a]! - columns[b]!);
      const codeOf = (places: Uint32Array): Float32Array => {
        const batchPtr = this.#placeRow(
          scope,
          places.map((at) => columns[at]!),
          Float32Array.from(places, (at) => inputs[at]!),
        );
        this.#kernels.encodeTiles(0, this.numTiles, networkPtr, batchPtr);
        return arena.float32(codeRows, stride).slice();
      };
      const code = codeOf(order);
      const empty = codeOf(new Uint32Array(0));
      return code.map((unit, at) => unit - empty[at]!);
    });
  }

  /** z₀, the code of a row without entries, f32[tiles × 32] in borrowed memory: its byte address. */
  placeEmptyCode(scope: Scope): number {
    const { networkPtr, codeRows } = this.#place(scope, 1);
    const batchPtr = this.#placeRow(scope, new Uint32Array(0), new Float32Array(0));
    this.#kernels.encodeTiles(0, this.numTiles, networkPtr, batchPtr);
    return codeRows;
  }

  /** Encodes batches to rows of a table. @param networkPtr with memory for the codes of each */
  async encodeBatches(
    context: JobContext,
    networkPtr: number,
    emptyPtr: number,
    batches: readonly RowBatch[],
    { factorsPtr, stride }: FactorTable,
  ): Promise<void> {
    const own = { ...context, family: AUTOREC_KERNELS };
    for (const { ptr, numSlots } of batches) {
      await runRanges(own, "encodeTiles", ranges(this.numTiles, 1), [networkPtr, ptr]);
      const shared = [networkPtr, ptr, emptyPtr, factorsPtr, stride];
      await runRanges(own, "placeCodes", ranges(numSlots, SLOTS_PER_CHUNK), shared);
    }
  }

  /** Encodes rows of a matrix, mirrored in `byColumn`, to their rows of a table. */
  async encodeRows(
    context: JobContext,
    byColumn: SparseMatrix,
    rows: Uint32Array,
    { centering, rowBias }: { centering: Centering; rowBias: Float32Array },
    table: FactorTable,
    slice: TimeSlice,
  ): Promise<void> {
    const { arena } = context.engine;
    const scope = arena.scope();
    try {
      const { offset, scale, columnBias } = centering;
      const numbers = { rowBias, columnBias, offset, scale };
      const { batches } = await placeRowBatches(arena, scope, byColumn, rows, ROWS_AT_A_TIME, numbers, slice);
      const { networkPtr } = this.#place(scope, Math.min(ROWS_AT_A_TIME, rows.length));
      await this.encodeBatches(context, networkPtr, this.placeEmptyCode(scope), batches, table);
    } finally {
      scope.release();
    }
  }

  /** An encoder of more inputs: the old ones as they are, the new ones heard by nobody yet. */
  grown(memory: { allocate(bytes: number): number }, numInputs: number): Encoder {
    const next = new Encoder(this.#engine, this.#variant, memory, { ...this.shape, numInputs });
    for (let tile = 0; tile < this.numTiles; tile++) {
      const from = this.ptr + tile * this.tileBytes;
      const floats = this.numInputs * TILE_UNITS;
      const { arena } = this.#engine;
      arena.float32(next.ptr + tile * next.tileBytes, floats).set(arena.float32(from, floats));
    }
    next.hiddenBias.set(this.hiddenBias);
    return next;
  }

  get shape(): EncoderShape {
    return { numInputs: this.numInputs, hidden: this.hidden, activation: this.activation };
  }

  /** A network that only encodes. */
  #place(scope: Scope, slots: number): { networkPtr: number; codeRows: number } {
    const { arena } = this.#engine;
    const codes = allocateCodes(scope, slots, this.hidden);
    const words = { ...this.words, ...codes, parameters: placeParameters(arena, scope) };
    return { networkPtr: placeNetwork(arena, scope, words), codeRows: codes.codeRows! };
  }

  /** A batch of one row. */
  #placeRow(scope: Scope, columns: Uint32Array, inputs: Float32Array): number {
    const { arena } = this.#engine;
    const { length } = columns;
    const ptr = scope.allocate(40);
    const columnsPtr = scope.allocate(length * 4, "any");
    const offsetsPtr = scope.allocate((length + 1) * 4, "any");
    const slotsPtr = scope.allocate(length * 4);
    const inputsPtr = scope.allocate(length * 4, "any");
    arena.uint32(columnsPtr, length).set(columns);
    arena.uint32(offsetsPtr, length + 1).set(Uint32Array.from({ length: length + 1 }, (_, at) => at));
    arena.float32(inputsPtr, length).set(inputs);
    arena.uint32(ptr, 10).set([1, length, columnsPtr, offsetsPtr, slotsPtr, inputsPtr, 0, 0, 0, scope.allocate(4)]);
    return ptr;
  }
}
