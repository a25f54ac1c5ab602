/** A fit of one of lowrank's models: when each epoch ended, and what the model predicts of what was held out. */
import { writeFileSync } from "node:fs";
import type { FitRequest, FitResult } from "../fits.js";
import { finish, lowrank, readColumns, readRequest, writeRows } from "./lowrank.js";

const { model: name, options, unwatched, data, predictions, userFactors, itemFactors } = readRequest<FitRequest>();
const { users, items, values } = readColumns(data, "train");
const columns = { users, items, values: name === "ImplicitALS" ? values.fill(1) : values };
let begin = performance.now();
const secondsSince = () => (performance.now() - begin) / 1e3;
const interactions = lowrank.Interactions.fromColumns(columns);
const prepareSeconds = secondsSince();
const model = new lowrank[name](options);
const stamps: number[] = [];
const seconds: number[] = [];
begin = performance.now();
const onEpoch = (epoch: { seconds: number }) => {
  stamps.push(secondsSince());
  seconds.push(epoch.seconds);
};
await model.fit(interactions, unwatched ? {} : { onEpoch });
const result: Omit<FitResult, "peakMemoryBytes"> = { stamps, seconds, fitSeconds: secondsSince(), prepareSeconds };
finish(result);
if (predictions !== undefined) {
  const test = readColumns(data, "test");
  writeFileSync(predictions, Float32Array.from(model.predictMany(Array.from(test.users), Array.from(test.items))));
}
if (userFactors !== undefined && itemFactors !== undefined && model instanceof lowrank.ImplicitALS) {
  const { factors } = model.options;
  writeRows(userFactors, model.userFactors, model.users, data.numUsers, factors);
  writeRows(itemFactors, model.itemFactors, model.items, data.numItems, factors);
}
model.dispose();
