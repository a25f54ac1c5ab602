import type { Interactions } from "../data/interactions.js";
import { BiasModel } from "../models/bias-model.js";
import { GlobalMean } from "../models/global-mean.js";
import { type Evaluation, evaluate } from "./evaluate.js";

/** What a result is printed beside. */
export interface BaselineEvaluations {
  globalMean: Evaluation;
  biasModel: Evaluation;
}

/** Fits and measures the global mean and the damped biases on the same parts as a model. */
export async function evaluateBaselines(train: Interactions, test: Interactions): Promise<BaselineEvaluations> {
  const globalMean = new GlobalMean();
  const biasModel = new BiasModel();
  try {
    await globalMean.fit(train);
    await biasModel.fit(train);
    return { globalMean: evaluate(globalMean, test), biasModel: evaluate(biasModel, test) };
  } finally {
    globalMean.dispose();
    biasModel.dispose();
  }
}
