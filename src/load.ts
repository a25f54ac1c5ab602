/** Model files → models: the only list of classes. */
import { checkBoolean, checkKnownOptions } from "./data/options.js";
import { BiasModel } from "./models/bias-model.js";
import type { BilinearModel } from "./models/bilinear-model.js";
import { GlobalMean } from "./models/global-mean.js";
import { MatrixFactorization } from "./models/matrix-factorization.js";
import { openModel } from "./storage/model-file.js";
import type { ModelSource } from "./storage/model-source.js";

/** The classes by the names that files give them. */
const CLASSES: Readonly<Record<string, new (options: object) => LoadedModel>> = {
  MatrixFactorization,
  BiasModel,
  GlobalMean,
};

/** A model of any class, as `load` gives it; `instanceof` tells which. */
export type LoadedModel = BilinearModel;

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
  const users = checkBoolean("users", options.users ?? true);
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

function construct(
  Class: new (options: object) => LoadedModel,
  options: object,
  file: { invalid(fault: string): Error },
): LoadedModel {
  try {
    return new Class(options);
  } catch (error) {
    throw file.invalid(`its options are not valid: ${error instanceof Error ? error.message : error}`);
  }
}
