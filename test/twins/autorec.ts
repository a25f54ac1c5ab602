/**
 * AutoRec in plain f64, dense: from Sedhain, Menon, Sanner, Xie 2015 and the documentation of `AutoRec` and of its kernels.
 * Unknown ratings are zeros that the encoder is given; an error is taken where a rating is known. Nothing is arranged for
 * speed, and nothing here rounds to f32.
 */
import { philox4x32 } from "../../src/data/random.js";

export type TwinActivation = "identity" | "sigmoid" | "tanh" | "relu";
export const TWIN_ACTIVATIONS: readonly TwinActivation[] = ["identity", "sigmoid", "tanh", "relu"];

export const ACTIVATION: Record<TwinActivation, (x: number) => number> = {
  identity: (x) => x,
  sigmoid: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
};

/** f'(x) by y = f(x). */
export const SLOPE: Record<TwinActivation, (y: number) => number> = {
  identity: () => 1,
  sigmoid: (y) => y * (1 - y),
  tanh: (y) => 1 - y * y,
  relu: (y) => (y > 0 ? 1 : 0),
};

/** All that is learned. */
export interface TwinWeights {
  /** V, inputs × hidden */
  readonly encoder: Float64Array[];
  /** W, inputs × hidden */
  readonly decoder: Float64Array[];
  /** μ, hidden */
  readonly hiddenBias: Float64Array;
  /** b, inputs */
  readonly outputBias: Float64Array;
}

export interface TwinNetwork extends TwinWeights {
  readonly hidden: number;
  readonly activation: TwinActivation;
  readonly outputActivation: TwinActivation;
  /** What every output is offset by, before its activation. */
  readonly outputOffset: number;
  /** What an input's row of V is pulled to zero by at each of its entries, its row of W, and its output bias. */
  readonly encoderPulls: ArrayLike<number>;
  readonly decoderPulls: ArrayLike<number>;
  readonly biasPulls: ArrayLike<number>;
}

/** Rows of the autoencoder, dense: one number for each input, undefined where nothing was observed. */
export interface TwinBatch {
  readonly inputs: readonly (readonly (number | undefined)[])[];
  readonly targets: readonly (readonly (number | undefined)[])[];
  /** Which rows they are: what dropout goes by. */
  readonly numbers: readonly number[];
}

/** Units that are left out of each row: word `unit mod 4` of Philox's block (unit div 4, row, epoch, purpose) is below the share. */
export interface TwinDropout {
  readonly share: number;
  readonly seed: number;
  readonly epoch: number;
  readonly purpose: number;
}

/** What each unit's code of a row is multiplied with: 0, or 1/(1 − share). */
export function keptUnits(row: number, hidden: number, dropout: TwinDropout | undefined): Float64Array {
  const kept = new Float64Array(hidden).fill(1);
  if (!dropout || dropout.share === 0) return kept;
  const { share, seed, epoch, purpose } = dropout;
  const words = new Uint32Array(4);
  return kept.map((_, unit) => {
    philox4x32(Math.floor(unit / 4), row, epoch, purpose, seed >>> 0, Math.floor(seed / 2 ** 32), words);
    return words[unit % 4]! < Math.floor(share * 2 ** 32) ? 0 : 1 / (1 - share);
  });
}

/** z = g(μ + Vᵀx), before dropout. */
export function encodeTwin(network: TwinNetwork, inputs: readonly (number | undefined)[]): Float64Array {
  const { encoder, hiddenBias, activation } = network;
  return hiddenBias.map((bias, unit) => {
    let sum = bias;
    inputs.forEach((x, input) => {
      sum += (x ?? 0) * encoder[input]![unit]!;
    });
    return ACTIVATION[activation](sum);
  });
}

/** f(o + b + W z), of every input. */
export function decodeTwin(network: TwinNetwork, code: Float64Array): Float64Array {
  const { decoder, outputBias, outputOffset, outputActivation } = network;
  return outputBias.map((bias, input) => {
    const sum = decoder[input]!.reduce((total, weight, unit) => total + weight * code[unit]!, outputOffset + bias);
    return ACTIVATION[outputActivation](sum);
  });
}

/** Σ e² over what was observed. */
export function twinLoss(network: TwinNetwork, batch: TwinBatch, dropout?: TwinDropout): number {
  let loss = 0;
  batch.inputs.forEach((inputs, slot) => {
    const kept = keptUnits(batch.numbers[slot]!, network.hidden, dropout);
    const outputs = decodeTwin(
      network,
      encodeTwin(network, inputs).map((z, unit) => z * kept[unit]!),
    );
    batch.targets[slot]!.forEach((target, input) => {
      if (target !== undefined) loss += (outputs[input]! - target) ** 2;
    });
  });
  return loss;
}

/** How many entries each input has in a batch. */
export function entryCounts({ inputs }: TwinBatch, numInputs: number): number[] {
  return Array.from({ length: numInputs }, (_, input) => inputs.filter((row) => row[input] !== undefined).length);
}

/** Half of what is minimised: ½ Σ e² + ½ Σ_j n_j (their pulls of ‖w_j‖², ‖v_j‖² and b_j²). */
export function twinObjective(network: TwinNetwork, batch: TwinBatch, dropout?: TwinDropout): number {
  const square = (row: Float64Array): number => row.reduce((sum, each) => sum + each * each, 0);
  const counts = entryCounts(batch, network.outputBias.length);
  return counts.reduce(
    (sum, count, input) => {
      const outward = network.decoderPulls[input]! * square(network.decoder[input]!);
      const inward = network.encoderPulls[input]! * square(network.encoder[input]!);
      return sum + 0.5 * count * (outward + inward + network.biasPulls[input]! * network.outputBias[input]! ** 2);
    },
    0.5 * twinLoss(network, batch, dropout),
  );
}

/** The gradient of ½ Σ e² by backpropagation, and Σ e². */
export function twinGradient(network: TwinNetwork, batch: TwinBatch, dropout?: TwinDropout) {
  const { hidden, activation, outputActivation, outputBias, decoder } = network;
  const zeros = (): Float64Array[] => decoder.map(() => new Float64Array(hidden));
  const gradient = {
    encoder: zeros(),
    decoder: zeros(),
    hiddenBias: new Float64Array(hidden),
    outputBias: new Float64Array(outputBias.length),
  } satisfies TwinWeights;
  let loss = 0;
  batch.inputs.forEach((inputs, slot) => {
    const kept = keptUnits(batch.numbers[slot]!, hidden, dropout);
    const code = encodeTwin(network, inputs);
    const outputs = decodeTwin(
      network,
      code.map((z, unit) => z * kept[unit]!),
    );
    const deltas = outputs.map((output, input) => {
      const target = batch.targets[slot]![input];
      if (target === undefined) return 0;
      loss += (output - target) ** 2;
      return (output - target) * SLOPE[outputActivation](output);
    });
    for (let unit = 0; unit < hidden; unit++) {
      const z = code[unit]! * kept[unit]!;
      const error = deltas.reduce((sum, delta, input) => sum + delta * decoder[input]![unit]!, 0);
      const d = error * SLOPE[activation](code[unit]!) * kept[unit]!;
      gradient.hiddenBias[unit]! += d;
      deltas.forEach((delta, input) => {
        gradient.decoder[input]![unit]! += delta * z;
        gradient.encoder[input]![unit]! += (inputs[input] ?? 0) * d;
      });
    }
    deltas.forEach((delta, input) => {
      gradient.outputBias[input]! += delta;
    });
  });
  return { gradient, loss };
}
