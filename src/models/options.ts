import { Interactions } from "../data/interactions.js";
import { checkInteger, checkKnownOptions } from "../data/options.js";
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

/** The arguments of `fit`, checked. */
export function checkFit(train: Interactions, options: FitOptions): void {
  if (!(train instanceof Interactions)) {
    throw new TypeError(`train must be Interactions, got ${train === null ? "null" : typeof train}`);
  }
  if (train.size === 0) throw new RangeError("train must have at least one interaction, got 0");
  checkKnownOptions("fit", options, ["validation", "patience", "onEpoch", "signal"]);
  const { validation, patience } = options;
  if (validation !== undefined && !(validation instanceof Interactions)) {
    throw new TypeError(`validation must be Interactions, got ${validation === null ? "null" : typeof validation}`);
  }
  if (validation?.size === 0) throw new RangeError("validation must have at least one interaction, got 0");
  if (patience === undefined) return;
  checkInteger("patience", patience, 1);
  if (!validation) throw new TypeError("patience needs validation, got none");
}
