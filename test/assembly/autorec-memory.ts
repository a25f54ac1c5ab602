/** A network and its batches in a kernel's memory, by the descriptors of assembly/linalg/autorec-network.ts. */
import { Arena } from "../../src/engine/arena.js";
import { AUTOREC_KERNELS, type AutorecKernels } from "../../src/engine/autorec-kernels.js";
import {
  ACTIVATION_CODES,
  allocateCodes,
  type NetworkWords,
  OPTIMIZER_CODES,
  Parameter,
  placeNetwork,
  placeParameters,
  tileBytesOf,
  tilesOf,
} from "../../src/engine/autorec-network.js";
import type { Variant } from "../../src/engine/kernels.js";
import type { TwinBatch, TwinDropout, TwinNetwork } from "../twins/autorec.js";
import type { TwinOptimizerName } from "../twins/autorec-steps.js";
import { KernelMemory, type Placed } from "./kernel-memory.js";

const UNITS = 32;

/** What the kernels are told beside the network. */
export interface KernelSettings {
  readonly optimizer: TwinOptimizerName;
  readonly rate: number;
  /** Words 1 to 4 of the parameter block. */
  readonly numbers: readonly number[];
  readonly firstStep: number;
  readonly dropout?: TwinDropout | undefined;
}

export interface PlacedBatch {
  readonly ptr: number;
  readonly numSlots: number;
  readonly active: readonly number[];
  readonly numEntries: number;
  readonly deltas: Placed<Float32Array>;
  readonly rates: Placed<Float32Array>;
}

/** The words of a network that are addresses of arrays. */
export const ARRAY_NAMES = [
  "encoder",
  "encoderState",
  "decoder",
  "decoderState",
  "hiddenBias",
  "hiddenBiasState",
  "outputBias",
  "outputBiasState",
  "powers",
  "encoderPulls",
  "decoderPulls",
  "biasPulls",
  "codes",
  "codeErrors",
  "codeSlopes",
  "codeRows",
  "parameters",
  "gradient",
] as const;
export type ArrayName = (typeof ARRAY_NAMES)[number];

export class PlacedNetwork {
  readonly memory: KernelMemory;
  readonly kernels: AutorecKernels;
  readonly arena: Arena;
  /** The descriptor's byte address. */
  ptr: number;
  words: NetworkWords;
  readonly tiles: number;
  readonly #numInputs: number;
  readonly #hidden: number;
  readonly #sizes = new Map<number, number>();

  /** @param mostSlots the most rows that a batch has */
  constructor(variant: Variant, network: TwinNetwork, settings: KernelSettings, mostSlots: number, begin = 1024) {
    this.memory = new KernelMemory(variant, begin);
    this.kernels = this.memory.kernelsOf(AUTOREC_KERNELS);
    this.arena = new Arena(this.memory.memory, 2 ** 32); // for its views alone
    this.#numInputs = network.outputBias.length;
    this.#hidden = network.hidden;
    this.tiles = tilesOf(network.hidden);
    this.words = this.#allocate(network, settings, mostSlots);
    this.#writeParameters(network, settings);
    this.#writeWeights(network);
    this.ptr = placeNetwork(this.arena, this, this.words);
    if (settings.optimizer === "rprop") this.#writeFirstSteps(settings.firstStep);
  }

  /** Memory with canaries around it, and of any contents with canaries in it. */
  allocate(bytes: number, contents: "zero" | "any" = "zero"): number {
    const { ptr, view } = this.memory.float32(bytes / 4);
    if (contents === "zero") view.fill(0);
    this.#sizes.set(ptr, bytes / 4);
    return ptr;
  }

  /** An array as the kernels have it, tiles and gaps and all. */
  array(name: ArrayName): Float32Array {
    const ptr = this.words[name]!;
    return this.arena.float32(ptr, this.#sizes.get(ptr)!);
  }

  /** Puts an array somewhere else. */
  moveArray(name: ArrayName, move: (ptr: number, bytes: number) => number): void {
    const floats = this.array(name).length;
    const ptr = move(this.words[name]!, floats * 4);
    this.#sizes.set(ptr, floats);
    this.words = { ...this.words, [name]: ptr };
    this.ptr = placeNetwork(this.arena, this, this.words);
  }

  /** One matrix of inputs × hidden out of its tiles, the `matrix`-th behind an address. */
  matrix(name: ArrayName, matrix = 0): Float64Array[] {
    const begin = matrix * this.tiles * tileBytesOf(this.#numInputs);
    return this.#untile(this.words[name]! + begin, this.#numInputs, this.words.tileBytes!);
  }

  /** The codes of a batch, or what lies as they do, slots × hidden. */
  codes(name: "codes" | "codeSlopes" | "codeErrors", slots: number): Float64Array[] {
    return this.#untile(this.words[name]!, slots, this.words.codeTileBytes!);
  }

  /** The numbers behind the last hidden unit: of weights and their state, or, of codes, of so many slots. */
  padding(slots: number): number[] {
    const states = (name: ArrayName): number => this.array(name).length / ((this.tiles * this.words.tileBytes!) / 4);
    const weights = (["encoder", "decoder", "encoderState", "decoderState"] as const).flatMap((name) => {
      const of = (matrix: number): number => this.words[name]! + matrix * this.words.stateBytes!;
      const { tileBytes } = this.words;
      return Array.from({ length: states(name) }, (_, matrix) =>
        this.#beside(of(matrix), this.#numInputs, tileBytes!),
      ).flat();
    });
    const { codeTileBytes } = this.words;
    const codes = (["codes", "codeSlopes", "codeErrors"] as const).flatMap((name) =>
      this.#beside(this.words[name]!, slots, codeTileBytes!),
    );
    return [...weights, ...this.array("hiddenBias").subarray(this.#hidden), ...codes];
  }

  placeBatch(batch: TwinBatch, order?: readonly number[]): PlacedBatch {
    const [slots, inputs, targets, active]: number[][] = [[], [], [], []];
    const offsets = [0];
    for (let input = 0; input < this.#numInputs; input++) {
      batch.inputs.forEach((row, slot) => {
        if (row[input] === undefined) return;
        slots!.push(slot);
        inputs!.push(row[input]!);
        targets!.push(batch.targets[slot]![input]!);
      });
      if (slots!.length === offsets.at(-1)) continue;
      active!.push(input);
      offsets.push(slots!.length);
    }
    const { memory } = this;
    const numSlots = batch.inputs.length;
    const [deltas, rates] = [memory.float32(slots!.length), memory.float32(active!.length)];
    const lists = [memory.uint32(active!), memory.uint32(offsets), memory.uint32(slots!)];
    const numbers = [memory.float32(inputs!), memory.float32(targets!), deltas, rates];
    const rows = memory.uint32(order ?? batch.numbers);
    const ptrs = [...lists, ...numbers, rows].map(({ ptr }) => ptr);
    const { ptr } = memory.uint32([numSlots, active!.length, ...ptrs]);
    return { ptr, numSlots, active: active!, numEntries: slots!.length, deltas, rates };
  }

  /** Word of the parameter block. */
  setParameter(word: number, value: number): void {
    this.arena.float32(this.words.parameters!, 24)[word] = value;
  }

  #untile(ptr: number, rows: number, tileBytes: number): Float64Array[] {
    return Array.from({ length: rows }, (_, row) =>
      Float64Array.from({ length: this.#hidden }, (_, unit) => {
        const tile = Math.floor(unit / UNITS);
        return this.arena.float32(ptr + tile * tileBytes + (row * UNITS + (unit % UNITS)) * 4, 1)[0]!;
      }),
    );
  }

  /** What is in the last tile's rows behind the last hidden unit. */
  #beside(ptr: number, rows: number, tileBytes: number): number[] {
    const used = this.#hidden - (this.tiles - 1) * UNITS;
    const tile = this.arena.float32(ptr + (this.tiles - 1) * tileBytes, rows * UNITS);
    return [...tile].filter((_, at) => at % UNITS >= used);
  }

  #allocate(network: TwinNetwork, { optimizer }: KernelSettings, mostSlots: number): NetworkWords {
    const numInputs = this.#numInputs;
    const tileBytes = tileBytesOf(numInputs);
    const matrix = this.tiles * tileBytes;
    const states = optimizer === "sgd" ? 1 : 2;
    const codes = allocateCodes(this, mostSlots, network.hidden);
    return {
      ...codes,
      encoder: this.allocate(matrix),
      encoderState: this.allocate(states * matrix),
      decoder: this.allocate(matrix),
      decoderState: this.allocate(states * matrix),
      tileBytes,
      stateBytes: states > 1 ? matrix : 0,
      hiddenBias: this.allocate(this.tiles * UNITS * 4),
      hiddenBiasState: this.allocate(2 * this.tiles * UNITS * 4),
      outputBias: this.allocate(numInputs * 4),
      outputBiasState: this.allocate(numInputs * 8),
      powers: this.allocate(numInputs * 8),
      encoderPulls: this.allocate(numInputs * 4),
      decoderPulls: this.allocate(numInputs * 4),
      biasPulls: this.allocate(numInputs * 4),
      codeErrors: this.allocate(this.tiles * codes.codeTileBytes!, "any"),
      activation: ACTIVATION_CODES[network.activation],
      outputActivation: ACTIVATION_CODES[network.outputActivation],
      optimizer: OPTIMIZER_CODES[optimizer],
      parameters: placeParameters(this.arena, this),
      gradient: this.allocate(this.tiles * UNITS * 4, "any"),
    };
  }

  #writeParameters({ outputOffset }: TwinNetwork, { rate, numbers, dropout }: KernelSettings): void {
    const floats = this.arena.float32(this.words.parameters!, 24);
    const words = this.arena.uint32(this.words.parameters!, 24);
    floats[Parameter.learningRate] = rate;
    floats.set(numbers, Parameter.first);
    floats[Parameter.outputOffset] = outputOffset;
    if (!dropout) return;
    const { share, seed, epoch, purpose } = dropout;
    floats[Parameter.dropoutScale] = 1 / (1 - share);
    words[Parameter.dropout] = Math.floor(share * 2 ** 32);
    words.set([seed >>> 0, Math.floor(seed / 2 ** 32), epoch, purpose], Parameter.seed);
  }

  #writeWeights(network: TwinNetwork): void {
    const { tileBytes } = this.words;
    for (const name of ["encoder", "decoder"] as const) {
      network[name].forEach((row, input) => {
        row.forEach((weight, unit) => {
          const tile = Math.floor(unit / UNITS);
          const ptr = this.words[name]! + tile * tileBytes! + (input * UNITS + (unit % UNITS)) * 4;
          this.arena.float32(ptr, 1)[0] = weight;
        });
      });
    }
    this.array("hiddenBias").set(network.hiddenBias);
    this.array("outputBias").set(network.outputBias);
    this.array("powers").fill(1);
    for (const name of ["encoderPulls", "decoderPulls", "biasPulls"] as const) {
      this.arena.float32(this.words[name]!, this.#numInputs).set(Array.from(network[name]));
    }
  }

  #writeFirstSteps(step: number): void {
    for (const name of ["encoderState", "decoderState", "hiddenBiasState"] as const) {
      const state = this.array(name);
      state.fill(step, state.length / 2);
    }
    this.array("outputBiasState").forEach((_, at, state) => {
      if (at % 2 === 1) state[at] = step;
    });
  }
}
