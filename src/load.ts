/** Model files → models: the only list of classes. */
import { messageOf } from "./data/message-of.js";
import { checkBoolean, checkKnownOptions } from "./data/options.js";
import { AlternatingLeastSquares } from "./models/alternating-least-squares.js";
import { AutoRec } from "./models/autorec.js";
import { BiasModel } from "./models/bias-model.js";
import { GlobalMean } from "./models/global-mean.js";
import { ImplicitALS } from "./models/implicit-als.js";
import { MatrixFactorization } from "./models/matrix-factorization.js";
import { openModel } from "./storage/model-file.js";
import type { ModelSource } from "./storage/model-source.js";

/** The classes by the names that files give them. */
const CLASSES: Readonly<Record<string, new (options: object) => LoadedModel>> = {
  MatrixFactorization,
  AlternatingLeastSquares,
  ImplicitALS,
  AutoRec,
  BiasModel,
  GlobalMean,
};

/** A model of any class, as `load` gives it; `instanceof` tells which, and gives what not all of them have. */
export type LoadedModel =
  | MatrixFactorization
  | AlternatingLeastSquares
  | ImplicitALS
  | AutoRec
  | BiasModel
  | GlobalMean;

export interface LoadOptions {
  /** Whether users are read; without them it is a model for visitors, who come by `foldIn`. Default true. */
  users?: boolean;
}

/**
 * A model from what `save` or `toBytes` wrote, of the class that was saved; no training data are needed.
 * @param source a path, a URL, bytes or a Blob; in a browser a string is a URL
 * @throws {TypeError | RangeError} for a source of no known kind or a bad option; {Error} that names the file: if it
 * cannot be read, is not a valid model file, or was written by a newer version.
 *
 * @example
 * const model = await load("movies.safetensors");
 * model.recommend("alice");
 */
export async function load(source: ModelSource, options: LoadOptions = {}): Promise<LoadedModel> {
  checkKnownOptions("load", options, ["users"]);
  const { users = true } = options;
  checkBoolean("users", users);
  const file = await openModel(source);
  try {
    const Class = Object.hasOwn(CLASSES, file.model) ? CLASSES[file.model] : undefined;
    if (!Class) throw file.invalid(`its model must be one of ${Object.keys(CLASSES).join(", ")}, got "${file.model}"`);
    const model = construct(Class, file.options, file);
    try {
      await model.restore(file, { users });
    } catch (error) {
      model.dispose();
      throw error;
    }
    return model;
  } finally {
    await file.close();
  }
}

/** What a model file says of itself. */
export interface ModelInfo {
  /** The class, such as "MatrixFactorization". */
  model: string;
  /** Version of the package that wrote the file. */
  lowrankVersion: string;
  bytes: number;
  /** 0 in a model for visitors. */
  numUsers: number;
  numItems: number;
  factors: number;
  precision: "float16" | "float32" | "float64";
  /** Training interactions in the file; undefined where they were not kept. */
  numInteractions: number | undefined;
  /** What predictions are clipped to; infinite where they are not. */
  range: readonly [lowest: number, highest: number];
  options: Readonly<Record<string, unknown>>;
}

const PRECISIONS: Readonly<Record<string, ModelInfo["precision"]>> = { F16: "float16", F32: "float32", F64: "float64" };

/**
 * What a model file says of itself, from its header alone: quick however large it is; the rest is not checked.
 * @throws as `load`.
 *
 * @example
 * const { model, numItems } = await inspect("movies.safetensors");
 */
export async function inspect(source: ModelSource): Promise<ModelInfo> {
  const file = await openModel(source);
  try {
    const { lowest = Number.NaN, highest = Number.NaN } = file.parameters;
    if (!(lowest <= highest))
      throw file.invalid(`it has no range from lowest to highest, got ${lowest} and ${highest}`);
    const [, factors] = file.matrixShape("item_factors");
    return {
      model: file.model,
      lowrankVersion: file.lowrankVersion,
      bytes: file.totalBytes,
      numUsers: file.numUsers,
      numItems: file.numItems,
      factors,
      precision: PRECISIONS[file.typeOf("item_factors")]!, // matrixShape refuses other types
      numInteractions: file.numInteractions,
      range: [lowest, highest],
      options: file.options,
    };
  } finally {
    await file.close();
  }
}

function construct(
  Class: new (options: object) => LoadedModel,
  options: object,
  file: { invalid(fault: string): Error },
): LoadedModel {
  try {
    return new Class(options);
  } catch (error) {
    throw file.invalid(`its options are not valid: ${messageOf(error)}`);
  }
}
