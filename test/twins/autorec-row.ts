/** An input of a fitted AutoRec solved for alone in f64: ridge regression on the codes as they are, of logits where there are. */
import type { Id } from "../../src/data/id-index.js";
import type { Interactions } from "../../src/data/interactions.js";
import type { AutoRec } from "../../src/models/autorec.js";
import { ACTIVATION } from "./autorec.js";
import type { TwinSide } from "./rating-pass.js";
import { ridgeEquations, solveEquations } from "./ridge-row.js";

/** Its bias is damped as one that is taken off. */
const BIAS_DAMPING = 5;

/** Between ratings and raw scores, by the data that the model was fitted to. */
function linkOf({ options }: AutoRec, train: Interactions) {
  const { minimum: lowest, maximum: highest, mean, standardDeviation } = train;
  const { outputActivation, centering } = options;
  const spread = Math.sqrt(standardDeviation ** 2 + (centering === "none" ? mean ** 2 : 0));
  const span = highest - lowest;
  const logit = (rating: number): number => {
    const share = Math.min(Math.max((rating - lowest) / span, 0.02), 0.98);
    return Math.log(share / (1 - share));
  };
  switch (outputActivation) {
    case "identity":
      return { raw: (rating: number) => rating, rating: (raw: number) => raw };
    case "sigmoid":
      return { raw: logit, rating: (raw: number) => lowest + span * ACTIVATION.sigmoid(raw) };
    case "tanh":
      return {
        raw: (rating: number) => logit(rating) / 2,
        rating: (raw: number) => lowest + (span / 2) * (1 + Math.tanh(raw)),
      };
    case "relu":
      return {
        raw: (rating: number) => Math.max(0, (rating - lowest) / spread),
        rating: (raw: number) => lowest + spread * Math.max(0, raw),
      };
  }
}

/**
 * What an input is predicted with every row, in the order of the model, if it is solved for from what it has.
 * @param train what the model was fitted to
 */
export function inputScores(
  model: AutoRec,
  train: Interactions,
  entries: readonly { id: Id; value: number }[],
): Float64Array {
  const { orientation, outputActivation, regularization: perEntry, hidden } = model.options;
  const rows = orientation === "item" ? model.items : model.users;
  const link = linkOf(model, train);
  const isLinear = outputActivation === "identity";
  const offset = isLinear ? train.mean : link.raw(train.mean);
  const ofStranger = (row: Id): number =>
    orientation === "item" ? model.predict("nobody", row) : model.predict(row, "nothing");
  const codes: TwinSide = {
    factors: Array.from(rows, (_, row) => Float64Array.from(model.codes.row(row))),
    biases: Float64Array.from(rows, (row) => (isLinear ? ofStranger(row) - offset : 0)),
    lambdas: [],
  };
  const columns = entries.map(({ id }) => rows.indexOf(id));
  const values = entries.map(({ value }) => link.raw(value));
  const damping = (model.options.damping * hidden) / 4;
  const ridge = {
    perEntry,
    damping,
    biasPerEntry: 0,
    biasDamping: model.options.centering === "none" ? 0.1 : BIAS_DAMPING,
    offset,
  };
  const solved = solveEquations(ridgeEquations(codes, { columns, values }, ridge));
  return Float64Array.from(codes.factors, (code, row) => {
    const pull = code.reduce((sum, each, unit) => sum + each * solved[unit]!, solved[code.length]!);
    return link.rating(offset + codes.biases[row]! + pull);
  });
}
