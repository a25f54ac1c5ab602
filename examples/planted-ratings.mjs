/** Makes ratings whose truth is known, learns them, and shows how near to the truth that comes. */
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import { evaluate, evaluateBaselines, MatrixFactorization, syntheticRatings } from "lowrank";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const sizes = flags.quick
  ? { numUsers: 600, numItems: 300, numRatings: 30_000 }
  : { numUsers: 6_000, numItems: 3_000, numRatings: 1_000_000 };

const count = (number) => number.toLocaleString("en");
console.log(
  `${count(sizes.numRatings)} made-up ratings of ${count(sizes.numItems)} items by ${count(sizes.numUsers)} users: ` +
    "eight hidden tastes, a few items that everybody knows, and noise.\n",
);
const { interactions, noiseFloor } = syntheticRatings({ ...sizes, factors: 8, names: true, seed: 7 });
const { train, test } = interactions.split({ testFraction: 0.1, seed: 7 });

const model = new MatrixFactorization({ factors: 32, seed: 7 });
const progress = new SingleBar({
  format: "training [{bar}] epoch {value}/{total}  RMSE {rmse}  {speed} M ratings/s",
  hideCursor: true,
  noTTYOutput: true,
  notTTYSchedule: 500,
});
const begin = performance.now();
progress.start(model.options.epochs, 0, { rmse: "-", speed: "-" });
await model.fit(train, {
  onEpoch: ({ epoch, trainRmse, ratingsPerSecond }) =>
    progress.update(epoch, { rmse: trainRmse.toFixed(4), speed: (ratingsPerSecond / 1e6).toFixed(1) }),
});
progress.stop();
console.log(`trained in ${((performance.now() - begin) / 1000).toFixed(2)} s\n`);

const { globalMean, biasModel } = await evaluateBaselines(train, test);
const style = { head: [], border: [], compact: true };
const results = new Table({
  head: ["on ratings kept aside", "RMSE"],
  colAligns: ["left", "right"],
  style,
});
results.push(
  ["the mean rating for everybody", globalMean.rmse.toFixed(4)],
  ["harsh users, good items (bias model)", biasModel.rmse.toFixed(4)],
  ["lowrank", evaluate(model, test, { metrics: ["rmse"] }).rmse.toFixed(4)],
  ["the truth itself (the noise floor)", noiseFloor.toFixed(4)],
);
console.log(results.toString());

const userId = "user-42";
const list = new Table({
  head: [`for ${userId}`, "predicted rating"],
  colAligns: ["left", "right"],
  style,
});
for (const { itemId, score } of model.recommend(userId, { count: 5 })) list.push([itemId, score.toFixed(2)]);
console.log(list.toString());
