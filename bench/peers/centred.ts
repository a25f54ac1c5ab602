/** Ratings less what users' and items' biases tell of them, for peers whose models have no biases of their own. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { BiasModel, Interactions } from "../../src/index.js";
import { type DataSet, readFloats, readIndices } from "./data-sets.js";

/** Files beside the data set's, float32, in the order of its triples. */
export interface CentredRatings {
  /** Training ratings less the mean and the biases. */
  centred: string;
  /** The mean and the biases of what is held out, to be added to what is predicted of it. */
  base: string;
  /** The least and the greatest training rating, to clip predictions to. */
  range: readonly [number, number];
}

export async function centredRatings({ folder }: DataSet): Promise<CentredRatings> {
  const [record, centred, base] = ["centred.json", "train-centred.bin", "test-base.bin"].map((n) => `${folder}/${n}`);
  if (existsSync(record!)) return JSON.parse(readFileSync(record!, "utf8")) as CentredRatings;
  const [train, test] = ["train", "test"].map((part) => ({
    users: readIndices(`${folder}/${part}-users.bin`),
    items: readIndices(`${folder}/${part}-items.bin`),
    values: readFloats(`${folder}/${part}-values.bin`),
  }));
  const ratings = Interactions.fromColumns(train!);
  const model = await new BiasModel({ clip: false }).fit(ratings);
  const baseOf = ({ users, items }: { users: Int32Array; items: Int32Array }) =>
    model.predictMany(Array.from(users), Array.from(items));
  const ofTrain = baseOf(train!);
  writeFileSync(
    centred!,
    train!.values.map((value, at) => value - ofTrain[at]!),
  );
  writeFileSync(base!, Float32Array.from(baseOf(test!)));
  model.dispose();
  const made: CentredRatings = { centred: centred!, base: base!, range: [ratings.minimum, ratings.maximum] };
  writeFileSync(record!, JSON.stringify(made));
  return made;
}
