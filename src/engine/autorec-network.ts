/** Descriptors of the AutoRec kernels, as assembly/linalg/autorec-network.ts has them. */
import type { Arena } from "./arena.js";

/** Hidden units side by side in a tile. */
export const TILE_UNITS = 32;
const TILE_BYTES = 128;

/** What the kernels know activations and optimisers by. */
export const ACTIVATION_CODES = { identity: 0, sigmoid: 1, tanh: 2, relu: 3 } as const;
export const OPTIMIZER_CODES = { adam: 0, sgd: 1, rprop: 2 } as const;

export const tilesOf = (hidden: number): number => Math.ceil(hidden / TILE_UNITS);

/** Bytes from one tile of `rows` rows to the next: an odd number of rows apart, so that tiles share no cache sets. */
export const tileBytesOf = (rows: number): number => (rows | 1) * TILE_BYTES;

/** What allocates memory that goes with something else. */
export interface Allocator {
  allocate(bytes: number, contents?: "zero" | "any"): number;
}

/** The words of a network, in their order: addresses but where they say otherwise. What a kernel does not use may be 0. */
const NETWORK_WORDS = [
  "encoder",
  "encoderState",
  "decoder",
  "decoderState",
  "tileBytes",
  "stateBytes",
  "hiddenBias",
  "hiddenBiasState",
  "outputBias",
  "outputBiasState",
  "powers",
  "decoderPulls",
  "codes",
  "codeErrors",
  "codeSlopes",
  "codeTileBytes",
  "codeRows",
  "tiles",
  "hidden",
  "activation",
  "outputActivation",
  "optimizer",
  "parameters",
  "gradient",
  "encoderPulls",
  "biasPulls",
] as const;

export type NetworkWords = Partial<Record<(typeof NETWORK_WORDS)[number], number>>;

/** Writes a network's descriptor. @returns its byte address */
export function placeNetwork(arena: Arena, memory: Allocator, words: NetworkWords): number {
  const ptr = memory.allocate(NETWORK_WORDS.length * 4);
  arena.uint32(ptr, NETWORK_WORDS.length).set(NETWORK_WORDS.map((name) => words[name] ?? 0));
  return ptr;
}

/** Memory for the codes of a batch of at most `slots` rows: what encoding needs, and what going back needs beside it. */
export function allocateCodes(memory: Allocator, slots: number, hidden: number): NetworkWords {
  const tiles = tilesOf(hidden);
  const codeTileBytes = tileBytesOf(slots);
  const allocate = (): number => memory.allocate(tiles * codeTileBytes, "any");
  const codeRows = memory.allocate(slots * tiles * TILE_BYTES, "any");
  return { codes: allocate(), codeSlopes: allocate(), codeTileBytes, codeRows, tiles, hidden };
}

/** Words of the parameter block. */
export const PARAMETER_WORDS = 24;

/** Where each parameter is, in words. */
export const Parameter = {
  learningRate: 0,
  first: 1,
  second: 2,
  epsilon: 3,
  largestStep: 4,
  hiddenBiasRate: 5,
  dropoutScale: 6,
  dropout: 7,
  seed: 8,
  epoch: 10,
  purpose: 11,
  constants: 12,
  outputOffset: 21,
} as const;

/** 87; 1/ln 2; ln 2 in two parts, the first exact in few bits; P of eʳ = 1 + r + r² P(r) (assembly/linalg/activation.ts). */
const ACTIVATION_CONSTANTS = [
  87,
  Math.LOG2E,
  0.693359375,
  -2.1219444005469057e-4,
  0.5,
  0.1666657702559799,
  0.041666554662050534,
  0.008363173074513711,
  0.001392617611993558,
];

/** A parameter block: no dropout, and the constants of the activations. @returns its byte address */
export function placeParameters(arena: Arena, memory: Allocator): number {
  const ptr = memory.allocate(PARAMETER_WORDS * 4);
  const words = arena.float32(ptr, PARAMETER_WORDS);
  words[Parameter.dropoutScale] = 1;
  words.set(ACTIVATION_CONSTANTS, Parameter.constants);
  return ptr;
}
