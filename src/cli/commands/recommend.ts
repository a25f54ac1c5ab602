import { type Command, Option } from "commander";
import type { Id, IdIndex, Model, Recommendation } from "../../index.js";
import { Failure } from "../failure.js";
import { fitModel } from "../fit.js";
import { collected, columnPair, wholeNumber } from "../flag-values.js";
import { addModelFlags, modelOptionsOf } from "../model-flags.js";
import type { Context, Output, OutputOptions } from "../output.js";
import { counted } from "../quantities.js";
import { addRatingsFlags, csvOptionsOf, type RatingsFlags, ratingsDocument, readRatings } from "../ratings-file.js";
import { readTitles, type Titles } from "../titles.js";

export interface RecommendFlags extends RatingsFlags, OutputOptions {
  user: string[];
  count: number;
  titles?: string;
  titleColumns: [string | number, string | number];
}

/** A model that is ready to be asked, and what JSON output tells of where it comes from. */
interface Source {
  model: Model;
  document: Record<string, unknown>;
}

/** What one user is recommended. */
interface UserList {
  userId: Id;
  recommendations: (Recommendation & { rank: number; title?: string })[];
}

const EXAMPLES = `
Examples:
  lowrank recommend ml-latest-small/ratings.csv --user 1 --titles ml-latest-small/movies.csv
  lowrank recommend ratings.csv --user alice --user bob --count 5 --json

Trains on all the ratings, so that everything known counts, and lists for each user the items with the highest
predicted rating among those that the user has not rated. Scores stay within the range of the ratings; --no-clip
tells the best apart.

Next: lowrank evaluate tells how far off the predictions are.`;

export function defineRecommend(command: Command): Command {
  command
    .summary("train on all ratings and recommend items to users")
    .description("Train a matrix factorisation on all the ratings and recommend items to users.")
    .argument("<ratings>", "a file of rows: user, item, rating and perhaps a timestamp")
    .optionsGroup("Recommendations:")
    .addOption(
      new Option("--user <id>", "whom to recommend to; may be given several times")
        .makeOptionMandatory()
        .argParser(collected),
    )
    .addOption(new Option("--count <n>", "items a user, at most").default(10).argParser(wholeNumber(1)))
    .option("--titles <file>", "a file of rows with an item's id and its title, to show titles")
    .addOption(
      new Option("--title-columns <item,title>", "its two columns, by name or by position from 0")
        .default([0, 1], "0,1")
        .argParser(columnPair),
    );
  addModelFlags(command);
  addRatingsFlags(command);
  return command.addHelpText("after", EXAMPLES);
}

export async function recommend(path: string, flags: RecommendFlags, context: Context): Promise<void> {
  const { output } = context;
  const titles = flags.titles === undefined ? undefined : await readTitles(flags.titles, flags.titleColumns, context);
  const { model, document } = await trainedSource(path, flags, context);
  const lists = flags.user.map((userId) => listFor(model, userId, flags.count, titles));
  if (output.json) output.document({ command: "recommend", ...document, users: lists });
  else for (const list of lists) printList(list, flags, titles !== undefined, output);
}

/** The model from a file of ratings. A model file would be another such function. */
async function trainedSource(path: string, flags: RecommendFlags, context: Context): Promise<Source> {
  const modelOptions = modelOptionsOf(flags);
  const file = await readRatings(path, csvOptionsOf(flags), context);
  checkUsers(flags.user, file.ratings.users, path);
  const plan = { modelOptions, validationFraction: 0, patience: undefined, splitBy: "random" } as const;
  const { model, seconds } = await fitModel(file.ratings, plan, context);
  const document = {
    ratings: ratingsDocument(file),
    model: { name: "MatrixFactorization", options: model.options },
    seconds: { read: file.seconds, fit: seconds },
  };
  return { model, document };
}

/** @throws {Failure} that names ids like the first one that is unknown */
function checkUsers(userIds: readonly string[], users: IdIndex, path: string): void {
  const unknown = userIds.find((id) => !users.has(id));
  if (unknown === undefined) return;
  const nearest = users.nearest(unknown);
  const hint =
    nearest.length > 0
      ? `did you mean ${alternatives(nearest)}?`
      : `it has ${counted(users.size, "user")}, such as ${alternatives(users.toArray().slice(0, 3))}`;
  throw new Failure(`${path} has no user ${JSON.stringify(unknown)}; ${hint}`);
}

/** "1, 2 or 3" */
function alternatives(ids: readonly Id[]): string {
  return ids.length < 2 ? ids.join() : `${ids.slice(0, -1).join(", ")} or ${ids.at(-1)}`;
}

function listFor(model: Model, userId: string, most: number, titles: Titles | undefined): UserList {
  const recommendations = model.recommend(userId, { count: most }).map(({ itemId, score }, index) => {
    const title = titles?.get(String(itemId));
    return { rank: index + 1, itemId, ...(title === undefined ? {} : { title }), score };
  });
  return { userId: model.users.idAt(model.users.indexOf(userId)), recommendations };
}

/** Cells of the table that are not a title: rank, id, score, lines and spaces. */
const COLUMNS_BESIDE_TITLE = 34;
const SHORTEST_TITLE = 20;

function printList({ userId, recommendations }: UserList, flags: RecommendFlags, hasTitles: boolean, output: Output) {
  const room = Math.max(SHORTEST_TITLE, output.columns - COLUMNS_BESIDE_TITLE);
  output.print(`For user ${userId}:`);
  output.table(
    [
      { name: "rank", align: "right" },
      { name: "item", align: "right" },
      ...(hasTitles ? [{ name: "title" }] : []),
      { name: "score", align: "right" },
    ],
    recommendations.map(({ rank, itemId, title = "", score }) => [
      String(rank),
      String(itemId),
      ...(hasTitles ? [shortened(title, room)] : []),
      score.toFixed(3),
    ]),
  );
  if (recommendations.length < flags.count) output.note(`The user has rated all other items.`);
}

function shortened(text: string, length: number): string {
  const letters = [...text];
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join("")}…`;
}
