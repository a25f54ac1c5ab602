/**
 * Ratings by alternating least squares: how the objective falls from half-step to half-step, and a visitor's taste.
 *
 *   npm run build && node examples/alternating-least-squares.mjs
 */
import { AlternatingLeastSquares, evaluate, evaluateBaselines, syntheticRatings } from "lowrank";

const made = syntheticRatings({ numUsers: 1000, numItems: 500, numRatings: 60_000, names: true, seed: 7 });
const { train, test } = made.interactions.split({ testFraction: 0.1, seed: 7 });

const model = await new AlternatingLeastSquares({ factors: 16, tolerance: 1e-3, seed: 7 }).fit(train, {
  onHalfStep: ({ epoch, side, objective }) => {
    if (epoch <= 3) console.log(`epoch ${epoch}, ${side} solved: objective ${objective.toFixed(1)}`);
  },
  onEpoch: ({ epoch, trainRmse }) => console.log(`epoch ${epoch}: RMSE ${trainRmse.toFixed(4)} on what it learns from`),
});

const { biasModel } = await evaluateBaselines(train, test);
const rmse = (evaluation) => evaluation.rmse.toFixed(4);
console.log(`\non ratings kept aside: ${rmse(evaluate(model, test))}, a bias model ${rmse(biasModel)}`);
console.log(`the truth itself: ${made.noiseFloor.toFixed(4)}`);

const history = [...train].filter(({ userId }) => userId === "user-42").slice(0, 10);
const visitor = model.foldIn(history);
console.log(`\nfor a visitor who has rated ${history.length} items:`);
for (const { itemId, score } of model.recommend(visitor, { count: 3 })) {
  const [most] = model.explain(visitor, itemId).contributions;
  console.log(`  ${itemId} ${score.toFixed(2)}, most because of ${most.itemId}, rated ${most.value}`);
}
