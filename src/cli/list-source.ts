/** What the commands that answer with lists ask: a model from its file, or one that is trained now. */
import type { IdIndex, Model } from "../index.js";
import { UsageError } from "./failure.js";
import { fitModel } from "./fit.js";
import { isModelFile, readModel } from "./model-file.js";
import { modelOptionsOf } from "./model-flags.js";
import type { Context } from "./output.js";
import { checkReadable, csvOptionsOf, type RatingsFlags, ratingsDocument, readRatings } from "./ratings-file.js";

export interface ListSource {
  path: string;
  users: IdIndex;
  items: IdIndex;
  /** The model, trained first where there is none yet, and what JSON output tells of it. */
  ready(): Promise<ReadyModel>;
}

export interface ReadyModel {
  model: Model;
  document: Record<string, unknown>;
  /** Whether the model knows what its users have rated. */
  keepsSeen: boolean;
}

/** What help says of it. */
export const SOURCE_ARGUMENT =
  "a model file, as train --save writes (.safetensors, or seen from its content); or a file of ratings, to train on";

export async function openListSource(path: string, flags: RatingsFlags, context: Context): Promise<ListSource> {
  await checkReadable(path);
  return (await isModelFile(path)) ? savedModel(path, context) : newModel(path, flags, context);
}

/** Flags that say something to a model that is trained already. */
const NEEDLESS_GROUPS: ReadonlySet<string> = new Set(["Model:", "Ratings file:"]);

async function savedModel(path: string, context: Context): Promise<ListSource> {
  const needless = context.given.find(({ group, flag }) => NEEDLESS_GROUPS.has(group) && flag !== "--threads");
  if (needless) {
    throw new UsageError(`${needless.flag} is for training, but ${path} is a model file: it is trained already`);
  }
  const { model, header, seconds } = await readModel(path, context);
  const document = { model: { file: path, name: header.model, options: model.options }, seconds: { load: seconds } };
  const ready: ReadyModel = { model, document, keepsSeen: header.numInteractions !== undefined };
  return { path, users: model.users, items: model.items, ready: async () => ready };
}

async function newModel(path: string, flags: RatingsFlags, context: Context): Promise<ListSource> {
  const modelOptions = modelOptionsOf(flags);
  const file = await readRatings(path, csvOptionsOf(flags), context);
  const plan = { modelOptions, validationFraction: 0, patience: undefined, splitBy: "random" } as const;
  const ready = async (): Promise<ReadyModel> => {
    const { model, seconds } = await fitModel(file.ratings, plan, context);
    const document = {
      ratings: ratingsDocument(file),
      model: { name: "MatrixFactorization", options: model.options },
      seconds: { read: file.seconds, fit: seconds },
    };
    return { model, document, keepsSeen: true };
  };
  return { path, users: file.ratings.users, items: file.ratings.items, ready };
}
