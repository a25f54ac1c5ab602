/** From the outputs of AutoRec to ratings and back, by the activation of the outputs. */
import type { EntryNumbers } from "../engine/row-batches.js";
import { hyperbolicTangent, IDENTITY, type Link, logistic, rectified } from "../ranking/link.js";
import type { Activation } from "./autorec-options.js";

export interface Output {
  readonly link: Link;
  /** Ratings in a unit of the output. */
  readonly scale: number;
  /** What the output is to be; undefined: what the encoder is given. */
  readonly target: EntryNumbers["target"];
}

/** How ratings are spread. */
export interface RatingScale {
  readonly lowest: number;
  readonly highest: number;
  /** The ratings' standard deviation, or root mean square where no mean is taken off; > 0. */
  readonly spread: number;
}

export function outputOf(activation: Activation, { lowest, highest, spread }: RatingScale): Output {
  const span = highest > lowest ? highest - lowest : 1;
  switch (activation) {
    case "identity":
      return { link: IDENTITY, scale: spread, target: undefined };
    case "sigmoid":
      return { link: logistic(lowest, highest), scale: span, target: { lowest, span, shift: 0 } };
    case "tanh":
      return {
        link: hyperbolicTangent(lowest, highest),
        scale: span / 2,
        target: { lowest, span: span / 2, shift: 1 },
      };
    case "relu":
      return { link: rectified(lowest, spread), scale: spread, target: { lowest, span: spread, shift: 0 } };
  }
}

/** The link of a model file. @param parameter a number by its name in the file */
export function linkOf(activation: Activation, parameter: (name: string) => number): Link {
  if (activation === "identity") return IDENTITY;
  const lowest = parameter("link_lowest");
  if (activation === "relu") return rectified(lowest, parameter("link_scale"));
  return (activation === "sigmoid" ? logistic : hyperbolicTangent)(lowest, parameter("link_highest"));
}
