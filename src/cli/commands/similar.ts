import { type Command, Option } from "commander";
import type { SimilarityMetric } from "../../index.js";
import { askForEach, askInBatches, type Question } from "../answer-lists.js";
import { UsageError } from "../failure.js";
import { collected } from "../flag-values.js";
import { requireAnyId, requireId, type Side } from "../known-ids.js";
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
import { writeLists } from "../write-lists.js";

export interface SimilarFlags extends RatingsFlags, ModelFlags, ListFlags {
  item?: string[];
  user?: string[];
  all?: boolean;
  metric: SimilarityMetric;
  threads: number;
}

const EXAMPLES = `
Examples:
  lowrank similar movies.safetensors --item 1 --titles ml-latest-small/movies.csv
  lowrank similar movies.safetensors --user alice --count 5 --metric dot
  lowrank similar ratings.csv --all --output similar.csv
  lowrank similar plays.csv --model implicit-als --item "Kind of Blue"

Lists the items whose factors are most like those of an item, or the users most like a user. The score is the cosine
of the angle between the factors (1: the same direction, 0: nothing in common), their dot product, or minus their
distance: higher is always more alike. What autorec compares are codes in hidden space of items (of users, with
--orientation user), and output weights of the others. Flags of the model and of the ratings file are for training,
where a file of ratings is given; a model file takes only --threads.

CSV has the columns item, similar, rank and score (user, similar, … for users), and title with --titles. NDJSON has
one line an item: {"itemId":1,"similar":[{"itemId":50,"score":0.97}]}.

Next: lowrank recommend lists items for a user.`;

export function defineSimilar(command: Command): Command {
  command
    .summary("list the items like an item, or the users like a user")
    .description("List what is most like an item or a user: from a model file, or from ratings, trained on first.")
    .argument("<model or ratings>", SOURCE_ARGUMENT)
    .optionsGroup("Similar:")
    .addOption(
      new Option("--item <id>", "what to find items like; may be given several times")
        .argParser(collected)
        .conflicts(["user", "all"]),
    )
    .addOption(
      new Option("--user <id>", "or whom to find users like; may be given several times")
        .argParser(collected)
        .conflicts(["all", "titles"]),
    )
    .option("--all", "or all items")
    .addOption(
      new Option("--metric <name>", "what makes them alike").choices(["cosine", "dot", "euclidean"]).default("cosine"),
    );
  addSelectionFlags(command, "items or users");
  addTitleFlags(command);
  addModelFlags(command);
  addRatingsFlags(command);
  addFormatFlags(command, "by the ending of --output, else table, csv for --all");
  return command.addHelpText("after", EXAMPLES);
}

function wordsFor(side: Side): ListWords {
  const heading = (id: string): string => `${side === "item" ? "Items" : "Users"} like ${id}:`;
  return { query: side, entry: side, list: "similar", entryColumn: "similar", heading };
}

export async function similar(path: string, flags: SimilarFlags, context: Context): Promise<void> {
  const isMany = flags.all === true;
  const texts = flags.item ?? flags.user;
  if (!isMany && texts === undefined) {
    throw new UsageError("say to what: --item <id>, --user <id> or --all; see lowrank similar --help");
  }
  checkDocument(flags, isMany);
  const side: Side = flags.user === undefined ? "item" : "user";
  const { titles, include, place } = await readListInputs(flags, side, [path], context);
  const source = await openListSource(path, flags, context);
  const known = { side, ids: side === "item" ? source.items : source.users, path };
  requireAnyId(known);
  const ids = texts?.map((text) => requireId(known, text));
  const options = { ...selectionOf(flags, include, known, context), metric: flags.metric };
  const { model, document } = await source.ready();
  const question: Question = { name: side === "item" ? "similarItems" : "similarUsers", options };
  const many = { threads: flags.threads, signal: context.signal };
  const job = {
    batches: isMany ? askInBatches(model, question, undefined, many) : askForEach(model, question, ids!),
    words: wordsFor(side),
    titles,
    total: ids?.length ?? known.ids.size,
    isMany,
    document: { command: "similar", ...document, metric: flags.metric },
    whyFewer: isRestricted(flags)
      ? `There are no more ${side}s that fit.`
      : `There are no more ${side}s with ${source.words.entry}s.`,
  };
  await writeLists(job, flags, place, context);
}
