/** An AutoRec's state ↔ what a model file keeps of it beside its scores. */
import { AUTOREC_KERNELS } from "../engine/autorec-kernels.js";
import type { Engine } from "../engine/engine.js";
import type { Variant } from "../engine/kernels.js";
import { strideOf } from "../engine/matrix.js";
import type { BilinearScores } from "../ranking/bilinear-scores.js";
import type { Link } from "../ranking/link.js";
import type { RatingEquations } from "../ranking/row-equations.js";
import { LARGEST_VALUE, type ModelFile } from "../storage/model-file.js";
import type { TensorFile } from "../storage/safetensors.js";
import { Centering } from "./autorec-centering.js";
import { Encoder } from "./autorec-encoder.js";
import type { AutoRecOptions } from "./autorec-options.js";
import { linkOf } from "./autorec-outputs.js";
import { type AutoRecParts, type FittedAutoRec, sidesOf } from "./autorec-state.js";
import type { SaveOptions } from "./model.js";
import { encodeScores, restoreLink, restoreScores } from "./model-parts.js";

/** @throws as `encodeScores`. */
export function encodeAutoRec(
  model: string,
  options: AutoRecOptions,
  state: FittedAutoRec,
  saveOptions: SaveOptions,
): TensorFile {
  const { encoder, centering } = state;
  const { offset: centering_offset, scale: centering_scale } = centering;
  const hasInputs = sidesOf(options.orientation).inputs === "items" || saveOptions.users !== false;
  return encodeScores(model, options, state, saveOptions, {
    parameters: { centering_offset, centering_scale },
    matrices: hasInputs ? { encoder: encoder.weights() } : {},
    vectors: {
      hidden_bias: encoder.hiddenBias.slice(),
      ...(hasInputs ? { input_bias: centering.columnBias } : {}),
    },
  });
}

/** What a file does not tell by itself. */
export interface AutoRecPlan {
  readonly users: boolean;
  readonly options: AutoRecOptions;
  readonly equations: (link: Link) => RatingEquations;
}

/** @throws {Error} that refuses the file. */
export async function decodeAutoRec(
  file: ModelFile,
  engine: Engine,
  variant: Variant,
  { users, options, equations }: AutoRecPlan,
): Promise<FittedAutoRec> {
  const [, factors] = file.matrixShape("item_factors");
  if (factors !== options.hidden)
    throw file.invalid(`item_factors must have ${options.hidden} columns, got ${factors}`);
  const link = restoreLink(file, (parameter) => linkOf(options.outputActivation, parameter));
  return restoreScores(file, engine, variant, {
    users,
    link,
    rest: async (scores, parameter) => ({
      ...(await readEncoder(file, engine, variant, scores, options)),
      centering: await readCentering(file, scores, options, parameter),
      equations: equations(link),
    }),
  });
}

const numInputsOf = (scores: BilinearScores, { orientation }: AutoRecOptions): number =>
  (sidesOf(orientation).inputs === "users" ? scores.userFactors : scores.itemFactors).rows;

async function readEncoder(
  file: ModelFile,
  engine: Engine,
  variant: Variant,
  scores: BilinearScores,
  options: AutoRecOptions,
): Promise<Pick<AutoRecParts, "encoder">> {
  const { hidden, activation } = options;
  const numInputs = numInputsOf(scores, options);
  const encoder = new Encoder(engine, variant, scores, { numInputs, hidden, activation });
  const layout = { rows: numInputs, columns: hidden, stride: strideOf(hidden) };
  const [hiddenBias] = await Promise.all([
    file.vector("hidden_bias", hidden),
    engine.prepare(variant, AUTOREC_KERNELS),
  ]);
  encoder.hiddenBias.set(hiddenBias);
  if (numInputs > 0) {
    const values = new Float32Array(layout.rows * layout.stride);
    await file.readMatrix("encoder", layout, values);
    encoder.setWeights(values);
  }
  return { encoder };
}

async function readCentering(
  file: ModelFile,
  scores: BilinearScores,
  options: AutoRecOptions,
  parameter: (name: string) => number,
): Promise<Centering> {
  const numInputs = numInputsOf(scores, options);
  const { centering_offset: offset = Number.NaN } = file.parameters;
  const scale = parameter("centering_scale");
  if (!(Math.abs(offset) <= LARGEST_VALUE)) {
    throw file.invalid(`centering_offset must be within ±${LARGEST_VALUE}, got ${offset}`);
  }
  if (!(scale > 0)) throw file.invalid(`centering_scale must be a number > 0, got ${scale}`);
  const columnBias = numInputs > 0 ? await file.vector("input_bias", numInputs) : new Float32Array(0);
  for (const bias of columnBias) {
    if (!(Math.abs(bias) <= LARGEST_VALUE))
      throw file.invalid(`input_bias must be within ±${LARGEST_VALUE}, got ${bias}`);
  }
  return new Centering(options.centering, { offset, scale }, columnBias);
}
