import { Interactions } from "../data/interactions.js";
import { checkKnownOptions, describeValue } from "../data/options.js";
import type { Model } from "../models/model.js";
import { pairsOf } from "../models/rating-validation.js";
import { mae, r2, rmse } from "./metrics.js";

const METRICS = { rmse, mae, r2 };

export type Metric = keyof typeof METRICS;

export interface EvaluateOptions<Chosen extends Metric = Metric> {
  /** Which of "rmse", "mae" and "r2" to compute; all by default. */
  metrics?: readonly Chosen[];
}

/** The metrics asked for, and of what they were computed. */
export type Evaluation<Chosen extends Metric = Metric> = Record<Chosen, number> & {
  /** Interactions tested. */
  size: number;
  /** How many of them are of a user or an item without training interactions; they count like the others. */
  unknown: number;
};

/**
 * Predicts every test interaction and measures how far off the predictions are.
 * @param test may have an id space of its own; its ids are looked up in the model's.
 * @throws {RangeError} if `test` is empty or a metric is unknown; {Error} if the model is not fitted.
 *
 * @example
 * const { train, test } = ratings.split({ testFraction: 0.1, seed: 7 });
 * const model = await new MatrixFactorization().fit(train);
 * evaluate(model, test, { metrics: ["rmse", "mae"] }); // { rmse: 0.84, mae: 0.64, size: 10084, unknown: 389 }
 */
export function evaluate<Chosen extends Metric = Metric>(
  model: Model,
  test: Interactions,
  options: EvaluateOptions<Chosen> = {},
): Evaluation<Chosen> {
  checkKnownOptions("evaluate", options, ["metrics"]);
  if (!(test instanceof Interactions)) throw new TypeError(`test must be Interactions, got ${describeValue(test)}`);
  if (test.size === 0) throw new RangeError("test must have at least one interaction, got 0");
  const metrics = options.metrics ?? (Object.keys(METRICS) as Chosen[]);
  for (const metric of metrics) {
    if (Object.hasOwn(METRICS, metric)) continue;
    throw new RangeError(`metrics must be of ${Object.keys(METRICS).join(", ")}, got ${describeValue(metric)}`);
  }
  const { userIndices, itemIndices, values } = pairsOf(test, model);
  const predictions = model.predictIndices(userIndices, itemIndices);
  let unknown = 0;
  for (let t = 0; t < values.length; t++) {
    if (!model.knows(userIndices[t]!, itemIndices[t]!)) unknown++;
  }
  const results = metrics.map((metric) => [metric, METRICS[metric](predictions, values)]);
  return { ...Object.fromEntries(results), size: values.length, unknown };
}
