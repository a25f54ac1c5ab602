import { Interactions } from "../data/interactions.js";
import { checkInteger, checkKnownOptions, describeValue } from "../data/options.js";
import type { FitOptions } from "./model.js";

/** Options over their defaults. @throws {TypeError} for a misspelt one; an option that is `undefined` counts as left out. */
export function withDefaults<Options extends object>(
  where: string,
  defaults: Options,
  options: Partial<Options>,
): Options {
  checkKnownOptions(where, options, Object.keys(defaults));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

/** All that `fit` of some model takes. */
type AnyFitOptions = FitOptions<never> & { onHalfStep?: (report: never) => void };

/** The arguments of `fit`, checked; `known` are the options that this model knows. */
export function checkFit(
  train: Interactions,
  options: AnyFitOptions,
  known: readonly (keyof AnyFitOptions)[],
  where = "fit",
  name = "train",
): void {
  if (!(train instanceof Interactions)) {
    throw new TypeError(`${name} must be Interactions, got ${describeValue(train)}`);
  }
  if (train.size === 0) throw new RangeError(`${name} must have at least one interaction, got 0`);
  checkKnownOptions(where, options, known);
  const { validation, patience, onEpoch, onHalfStep, signal } = options;
  for (const [option, listener] of Object.entries({ onEpoch, onHalfStep })) {
    if (listener === undefined || typeof listener === "function") continue;
    throw new TypeError(`${option} must be a function, got ${describeValue(listener)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, got ${describeValue(signal)}`);
  }
  if (validation !== undefined && !(validation instanceof Interactions)) {
    throw new TypeError(`validation must be Interactions, got ${describeValue(validation)}`);
  }
  if (validation?.size === 0) throw new RangeError("validation must have at least one interaction, got 0");
  if (patience === undefined) return;
  checkInteger("patience", patience, 1);
  if (!validation) throw new TypeError("patience needs validation, got none");
}
