/**
 * An autoencoder of rows in training. Its hidden units are cut into tiles of 32: a matrix of `inputs × hidden` floats is
 * kept tile by tile, within a tile row by row, 128 bytes each, so that whoever goes over one tile of all rows reads
 * memory from end to end. What a network is made of, u32[26]:
 *
 *   +0   encoder V, by input      +4   its optimiser's state, one or two matrices like it, or 0
 *   +8   decoder W, by input      +12  its state, likewise
 *   +16  bytes from one tile of these to the next      +20  bytes from one matrix of the state to the next
 *   +24  hidden bias μ f32[tiles × 32]      +28  its state f32[2 × tiles × 32]
 *   +32  output bias b f32[inputs]          +36  its state f32[inputs × 2]
 *   +40  f32[inputs × 2]: β₁ᵗ and β₂ᵗ of each input, t the steps it has had
 *   +44  f32[inputs]: the pull to zero of its decoder row, for one entry
 *   +48  codes Z of a batch, tile by tile by slot      +52  their gradients D      +56  their slopes g'
 *   +60  bytes from one tile of these to the next
 *   +64  codes again, by blocks of four tiles (the last may have fewer), within a block slot by slot
 *   +68  tiles      +72  hidden units      +76  activation of the hidden units      +80  of the outputs
 *   +84  optimiser: 0 Adam, 1 momentum, 2 resilient      +88  parameters (below)      +92  gradient f32[tiles × 32]
 *   +96, +100  f32[inputs]: the same of its encoder row, and of its output bias
 *
 * Parameters, 24 words:
 *
 *   +0   f32 learning rate      +4   f32 β₁, or momentum, or η⁻      +8   f32 β₂, or η⁺      +12  f32 ε, or the least step
 *   +16  f32 the largest step   +20  f32 rate of the hidden bias: with Adam's correction
 *   +24  f32 1/(1 − dropout)    +28  u32 dropout · 2³²      +32, +36  u32 seed      +40  u32 epoch      +44  u32 purpose
 *   +48  f32[9] constants of linalg/activation.ts      +84  f32 what every output is offset by, before its activation
 */
export const TILE_BYTES: usize = 128;
/** Tiles of a block of codes. */
export const BLOCK_TILES: usize = 4;

export function encoderOf(network: usize): usize {
  return load<u32>(network);
}
export function decoderOf(network: usize): usize {
  return load<u32>(network, 8);
}
export function tileBytesOf(network: usize): usize {
  return load<u32>(network, 16);
}
export function codeTileBytesOf(network: usize): usize {
  return load<u32>(network, 60);
}
export function tilesOf(network: usize): usize {
  return load<u32>(network, 68);
}
export function parametersOf(network: usize): usize {
  return load<u32>(network, 88);
}

/**
 * A batch of rows: its observed entries by input, inputs rising, u32[10].
 *
 *   +0   slots, the rows of the batch      +4   active inputs, those with an entry
 *   +8   u32[active] their numbers         +12  u32[active + 1] where their entries begin
 *   +16  u32[] slot of each entry          +20  f32[] what the encoder is given of it      +24  f32[] what the output is to be
 *   +28  f32[] δ: the error times the output's slope, written by decodeRows
 *   +32  f32[active] learning rate of the input's step, with Adam's correction, written by decodeRows
 *   +36  u32[slots] number of each row
 */
export function slotsOf(batch: usize): usize {
  return load<u32>(batch);
}
export function activeOf(batch: usize): usize {
  return load<u32>(batch, 4);
}
export function inputsOf(batch: usize): usize {
  return load<u32>(batch, 8);
}
export function offsetsOf(batch: usize): usize {
  return load<u32>(batch, 12);
}
export function entrySlotsOf(batch: usize): usize {
  return load<u32>(batch, 16);
}
