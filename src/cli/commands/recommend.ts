import { type Command, Option } from "commander";
import type { Id } from "../../index.js";
import { askForEach, askInBatches, type Question } from "../answer-lists.js";
import { UsageError } from "../failure.js";
import { collected } from "../flag-values.js";
import { type IdFile, readIdFile, requireIds } from "../id-file.js";
import { type KnownIds, requireAnyId, requireId } from "../known-ids.js";
import {
  addFormatFlags,
  addSelectionFlags,
  addTitleFlags,
  checkDocument,
  isRestricted,
  type ListFlags,
} from "../list-flags.js";
import type { ListWords } from "../list-formats.js";
import { readListInputs, selectionOf } from "../list-inputs.js";
import { openListSource, SOURCE_ARGUMENT } from "../list-source.js";
import { addModelFlags, type ModelFlags } from "../model-flags.js";
import type { Context } from "../output.js";
import { addRatingsFlags, type RatingsFlags } from "../ratings-file.js";
import type { InputWords } from "../trainable-models.js";
import { writeLists } from "../write-lists.js";

export interface RecommendFlags extends RatingsFlags, ModelFlags, ListFlags {
  user?: string[];
  users?: string;
  all?: boolean;
  keepSeen?: boolean;
  threads: number;
}

const EXAMPLES = `
Examples:
  lowrank recommend movies.safetensors --user 1 --titles ml-latest-small/movies.csv
  lowrank recommend ratings.csv --user alice --user bob --count 5 --json
  lowrank recommend plays.csv --model implicit-als --user alice
  lowrank recommend movies.safetensors --all --output recommendations.csv
  lowrank recommend movies.safetensors --users newsletter.txt --include stock.csv --format ndjson | gzip > lists.gz

Lists for each user the items with the highest predicted rating among those that the user has not rated. Scores stay
within the range of the ratings; a model trained with --no-clip tells the best apart. Those of implicit-als are no
ratings: they tell likely from unlikely, most of them between 0 and 1.

From a file of ratings a model is trained first, on all of them, so that everything known counts. A model file answers
at once; flags of the model and of the ratings file mean nothing to it, but for --threads.

CSV has the columns user, item, rank and score, and title with --titles. NDJSON has one line a user:
{"userId":1,"recommendations":[{"itemId":50,"score":4.7}]}. Both are written as they are worked out, so that
memory does not grow with the number of users.

Next: lowrank evaluate tells how far off the predictions are.`;

export function defineRecommend(command: Command): Command {
  command
    .summary("recommend items to users, from a model or from ratings")
    .description("Recommend items to one user, some or all: from a model file, or from ratings, trained on first.")
    .argument("<model or ratings>", SOURCE_ARGUMENT)
    .optionsGroup("Recommendations:")
    .addOption(
      new Option("--user <id>", "whom to recommend to; may be given several times")
        .argParser(collected)
        .conflicts(["users", "all"]),
    )
    .addOption(
      new Option("--users <file>", "or all in a file: one id a line, or a CSV whose first column is the id").conflicts(
        "all",
      ),
    )
    .option("--all", "or all users");
  addSelectionFlags(command, "items");
  command.option("--keep-seen", "recommend what a user has rated or interacted with, too");
  addTitleFlags(command);
  addModelFlags(command);
  addRatingsFlags(command);
  addFormatFlags(command, "by the ending of --output, else table for --user, csv for many");
  return command.addHelpText("after", EXAMPLES);
}

const WORDS: ListWords = {
  query: "user",
  entry: "item",
  list: "recommendations",
  entryColumn: "item",
  heading: (user) => `For user ${user}:`,
};

export async function recommend(path: string, flags: RecommendFlags, context: Context): Promise<void> {
  const isMany = flags.users !== undefined || flags.all === true;
  if (!isMany && flags.user === undefined) {
    throw new UsageError("say for whom: --user <id>, --users <file> or --all; see lowrank recommend --help");
  }
  checkDocument(flags, isMany);
  const reads = flags.users === undefined ? [path] : [path, flags.users];
  const { titles, include, place } = await readListInputs(flags, "item", reads, context);
  const userFile = flags.users === undefined ? undefined : await readIdFile(flags.users, "user", context);
  const source = await openListSource(path, flags, context);
  const users = findUsers(flags, userFile, { side: "user", ids: source.users, path }, context);
  const selection = selectionOf(flags, include, { side: "item", ids: source.items, path }, context);
  const { model, document, keepsSeen } = await source.ready();
  if (!keepsSeen && !flags.keepSeen) {
    const { entry, done } = source.words;
    context.output.note(`${path} was saved without ${entry}s, so that what users have ${done} is not left out`);
  }
  const question: Question = { name: "recommend", options: { ...selection, filterSeen: !flags.keepSeen } };
  const many = { threads: flags.threads, signal: context.signal };
  const job = {
    batches: isMany ? askInBatches(model, question, users, many) : askForEach(model, question, users!),
    words: WORDS,
    titles,
    total: users?.length ?? source.users.size,
    isMany,
    document: { command: "recommend", ...document },
    whyFewer: whyFewer(flags, keepsSeen, source.words),
  };
  await writeLists(job, flags, place, context);
}

/** Whom to recommend to; undefined for all. @throws {Failure} that names users like one that is unknown */
function findUsers(
  flags: RecommendFlags,
  file: IdFile | undefined,
  known: KnownIds,
  context: Context,
): Id[] | undefined {
  requireAnyId(known);
  if (file) return requireIds(file, known, context);
  return flags.user?.map((text) => requireId(known, text));
}

function whyFewer(flags: RecommendFlags, keepsSeen: boolean, { done }: InputWords): string {
  if (isRestricted(flags)) return "There are no more items that fit.";
  return flags.keepSeen || !keepsSeen ? "There are no other items." : `The user has ${done} all other items.`;
}
