/** What the commands that answer with lists ask: a model from its file, or one that is trained now. */
import type { IdIndex, Model } from "../index.js";
import { UsageError } from "./failure.js";
import { fitModel } from "./fit.js";
import { isModelFile, readModel } from "./model-file.js";
import { chosenModel, isOfModel, type ModelFlags } from "./model-flags.js";
import type { Context, GivenFlag } from "./output.js";
import {
  checkReadable,
  csvOptionsOf,
  RATINGS_HEADING,
  type RatingsFlags,
  ratingsDocument,
  readRatings,
} from "./ratings-file.js";
import { type InputWords, wordsOfClass } from "./trainable-models.js";

/** What says how a model is to be trained. */
type TrainingFlags = ModelFlags & RatingsFlags;

export interface ListSource {
  path: string;
  users: IdIndex;
  items: IdIndex;
  words: InputWords;
  /** The model, trained first where there is none yet, and what JSON output tells of it. */
  ready(): Promise<ReadyModel>;
}

export interface ReadyModel {
  model: Model;
  document: Record<string, unknown>;
  /** Whether the model knows what its users have rated, or interacted with. */
  keepsSeen: boolean;
}

/** What help says of it. */
export const SOURCE_ARGUMENT =
  "a model file, as train --save writes (.safetensors, or seen from its content); or a file of ratings, to train on";

export async function openListSource(path: string, flags: TrainingFlags, context: Context): Promise<ListSource> {
  await checkReadable(path);
  return (await isModelFile(path)) ? savedModel(path, context) : newModel(path, flags, context);
}

async function savedModel(path: string, context: Context): Promise<ListSource> {
  const isForTraining = (given: GivenFlag): boolean => isOfModel(given) || given.group === RATINGS_HEADING;
  const needless = context.given.find((given) => isForTraining(given) && given.flag !== "--threads");
  if (needless) {
    throw new UsageError(`${needless.flag} is for training, but ${path} is a model file: it is trained already`);
  }
  const { model, header, seconds } = await readModel(path, context);
  const document = { model: { file: path, name: header.model, options: model.options }, seconds: { load: seconds } };
  const ready: ReadyModel = { model, document, keepsSeen: header.numInteractions !== undefined };
  const { words } = wordsOfClass(header.model);
  return { path, users: model.users, items: model.items, words, ready: async () => ready };
}

async function newModel(path: string, flags: TrainingFlags, context: Context): Promise<ListSource> {
  const chosen = chosenModel(flags, context.given);
  const { kind } = chosen;
  const file = await readRatings(path, csvOptionsOf(flags, kind), context, kind.words);
  const plan = { chosen, validationFraction: 0, patience: undefined, splitBy: "random" } as const;
  const ready = async (): Promise<ReadyModel> => {
    const { model, seconds } = await fitModel(file.ratings, plan, context);
    const document = {
      ratings: ratingsDocument(file),
      model: { name: kind.className, options: model.options },
      seconds: { read: file.seconds, fit: seconds },
    };
    return { model, document, keepsSeen: true };
  };
  const { users, items } = file.ratings;
  return { path, users, items, words: kind.words, ready };
}
