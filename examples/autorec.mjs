/**
 * Ratings by an autoencoder: early stopping, a visitor, a new item, and the model in a file.
 *
 *   npm run build && node examples/autorec.mjs
 */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutoRec, evaluate, evaluateBaselines, load, syntheticRatings } from "lowrank";

const made = syntheticRatings({ numUsers: 1000, numItems: 500, numRatings: 60_000, names: true, seed: 7 });
const { train, test } = made.interactions.split({ testFraction: 0.1, seed: 7 });
const { train: rest, test: validation } = train.split({ testFraction: 0.1, seed: 8 });

const model = await new AutoRec({ hidden: 64, epochs: 100, seed: 7 }).fit(rest, {
  validation,
  patience: 5,
  onEpoch: ({ epoch, validationRmse, isBest }) => {
    if (epoch % 5 === 1)
      console.log(`epoch ${epoch}: validation RMSE ${validationRmse.toFixed(4)}${isBest ? ", best" : ""}`);
  },
});

const { biasModel, globalMean } = await evaluateBaselines(train, test);
const rmse = (evaluation) => evaluation.rmse.toFixed(4);
console.log(`\non ratings kept aside: ${rmse(evaluate(model, test))}`);
console.log(
  `a bias model ${rmse(biasModel)}, the mean ${rmse(globalMean)}, the truth itself ${made.noiseFloor.toFixed(4)}`,
);

const list = (scored) =>
  scored.map(({ itemId, userId, score }) => `${itemId ?? userId} ${score.toFixed(2)}`).join(", ");
console.log(`\nuser-42 may like ${list(model.recommend("user-42", { count: 3 }))}`);
console.log(`like item-7: ${list(model.similarItems("item-7", { count: 3 }))}`);

// A visitor, whose output weights are solved for; and a new item, which goes through the encoder.
const visitor = model.foldIn([...train].filter(({ userId }) => userId === "user-42").slice(0, 10));
console.log(`a visitor with ten of their ratings: ${list(model.recommend(visitor, { count: 3 }))}`);
const item = model.foldInItem([...train].filter(({ itemId }) => itemId === "item-7").slice(0, 10));
console.log(`a new item with ten of item-7's is for ${list(model.recommendUsers(item, { count: 3 }))}`);

const path = join(tmpdir(), `autorec-${process.pid}.safetensors`);
await model.save(path);
const served = await load(path);
rmSync(path);
const [before, after] = [model, served].map((each) => each.predict("user-42", "item-8"));
console.log(`\nsaved and loaded: user-42 gives item-8 ${after}, ${before} before`);
