/** A model's errors beside those of the two baselines that it has to beat. */
import { type Evaluation, evaluate, evaluateBaselines, type Model, type TrainTest } from "../index.js";
import type { Output } from "./output.js";
import { count, counted, errorSize } from "./quantities.js";
import type { TableColumn } from "./table.js";
import type { ModelKind, UnitWords } from "./trainable-models.js";

export interface Comparison {
  model: Evaluation;
  biasModel: Evaluation;
  globalMean: Evaluation;
}

export type Compared = keyof Comparison;

/** In the order of a table. */
export const COMPARED_KEYS: readonly Compared[] = ["model", "biasModel", "globalMean"];

/** What the rows of a table call them. @param title the model's */
export function comparedNames(title: string): Record<Compared, string> {
  return { model: title, biasModel: "biases only", globalMean: "mean rating" };
}

export const METRIC_KEYS = ["rmse", "mae", "r2"] as const;

/** A column for the row's name, and one a metric. */
export const METRIC_COLUMNS: readonly TableColumn[] = [
  { name: "" },
  ...["RMSE", "MAE", "R²"].map((name) => ({ name, align: "right" as const })),
];

export type MetricKey = (typeof METRIC_KEYS)[number];

/** A metric as a table shows it. */
export function metricText(name: MetricKey, value: number): string {
  return name === "r2" ? value.toFixed(4).replace(/^-(0\.0+)$/, "$1") : errorSize(value);
}

/** Measures all three on the same test ratings; the baselines learn from all of `train`. */
export async function compare(model: Model, { train, test }: TrainTest): Promise<Comparison> {
  const { biasModel, globalMean } = await evaluateBaselines(train, test);
  return { model: evaluate(model, test), biasModel, globalMean };
}

/** The table and what it says. */
export function printComparison(comparison: Comparison, kind: ModelKind, output: Output): void {
  const names = comparedNames(kind.title);
  const { size, unknown } = comparison.model;
  const rows = COMPARED_KEYS.map((key) => [
    names[key],
    ...METRIC_KEYS.map((name) => metricText(name, comparison[key][name])),
  ]);
  output.table(METRIC_COLUMNS, rows);
  output.print(`Tested on ${counted(size, "rating")}${coldNote(unknown)}.`);
  output.print(verdict(comparison.model.rmse, comparison.biasModel.rmse, kind.units));
}

/** How many pairs a model can know little of. */
export function coldNote(unknown: number): string {
  return unknown === 0 ? "" : `, ${count(unknown)} of them cold: a user or an item not trained on`;
}

/** What the RMSEs mean, in one sentence. */
export function verdict(modelRmse: number, biasRmse: number, { name, fewer }: UnitWords): string {
  const gain = biasRmse > 0 ? 1 - modelRmse / biasRmse : 0;
  const percent = `${Math.abs(100 * gain).toFixed(1)} %`;
  if (gain >= 0.0005) return `The ${name} lower the RMSE by ${percent} below that of biases alone.`;
  const advice = `try other --epochs, more --regularization or ${fewer}`;
  if (gain > -0.0005) return `The ${name} are no better than biases alone; ${advice}.`;
  return `The ${name} raise the RMSE by ${percent} above that of biases alone; ${advice}.`;
}
