/** Makes what recommending starts from: an implicit model's file, seen items in it, and its factors by the data's indices. */
import type { DataSet } from "../data-sets.js";
import { finish, lowrank, readColumns, readRequest, writeRows } from "./lowrank.js";

export interface ImplicitModelRequest {
  data: DataSet;
  options: object;
  /** Where to write the model, and its factors, float32. */
  model: string;
  userFactors: string;
  itemFactors: string;
}

const { data, options, model: path, userFactors, itemFactors } = readRequest<ImplicitModelRequest>();
const { users, items, values } = readColumns(data, "train");
const interactions = lowrank.Interactions.fromColumns({ users, items, values: values.fill(1) });
const model = await new lowrank.ImplicitALS(options).fit(interactions);
await model.save(path);
writeRows(userFactors, model.userFactors, model.users, data.numUsers, model.options.factors);
writeRows(itemFactors, model.itemFactors, model.items, data.numItems, model.options.factors);
model.dispose();
finish({});
