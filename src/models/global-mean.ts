import type { Interactions } from "../data/interactions.js";
import { engine } from "../engine/engine.js";
import { BilinearScores } from "../ranking/bilinear-scores.js";
import { NO_RIDGE, RatingEquations } from "../ranking/row-equations.js";
import { BilinearModel } from "./bilinear-model.js";
import type { FitOptions } from "./model.js";
import { checkFit } from "./options.js";
import { survey } from "./survey.js";

/**
 * Predicts the mean training rating for everybody: the floor of every comparison.
 *
 * @example
 * const baseline = await new GlobalMean().fit(train);
 * evaluate(baseline, test).rmse; // what a model must beat
 */
export class GlobalMean extends BilinearModel {
  protected readonly modelName = "GlobalMean";
  readonly options: Readonly<Record<string, never>> = Object.freeze({});

  async fit(train: Interactions, options: Pick<FitOptions, "signal"> = {}): Promise<this> {
    this.checkUsable();
    checkFit(train, options, ["signal"]);
    const counts = await survey(train, options.signal);
    const host = engine();
    const { numUsers, numItems, users, items, matrix: seen } = train;
    const range = [train.minimum, train.maximum] as const;
    await host.prepare("strict");
    const offset = Math.fround(train.mean);
    const scores = new BilinearScores(host, "strict", { numUsers, numItems, factors: 0, offset, range });
    this.adopt({ scores, users, items, seen, counts, equations: new RatingEquations(NO_RIDGE) });
    return this;
  }
}
