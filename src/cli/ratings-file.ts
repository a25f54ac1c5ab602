/** Flags that say how a ratings file is written, and the reading of it. */
import { stat } from "node:fs/promises";
import { type Command, Option } from "commander";
import { type CsvOptions, Interactions } from "../index.js";
import { ReadingBar } from "./byte-bars.js";
import { Failure, messageOf, reasonOf, UsageError } from "./failure.js";
import { column, separator } from "./flag-values.js";
import { inFlagWords } from "./flag-words.js";
import { refuseModelFile } from "./model-file.js";
import type { Context } from "./output.js";
import { counted, duration } from "./quantities.js";
import { type InputWords, type ModelKind, RATING_WORDS } from "./trainable-models.js";

const POLICIES = ["error", "last", "first", "sum", "mean", "max"];

export interface RatingsFlags {
  separator: string;
  header?: boolean;
  quotes: boolean;
  userColumn?: string | number;
  itemColumn?: string | number;
  valueColumn?: string | number;
  timestampColumn?: string | number;
  duplicates: string;
  skipInvalid?: boolean;
}

/** What is read, and in how many seconds. */
export interface RatingsFile {
  path: string;
  ratings: Interactions;
  seconds: number;
}

export const RATINGS_HEADING = "Ratings file:";

export function addRatingsFlags(command: Command): Command {
  return command
    .optionsGroup(RATINGS_HEADING)
    .option(
      "--separator <text>",
      "between columns: any text, or tab; auto sees , tab ; | :: and space",
      separator,
      "auto",
    )
    .option("--header", "the first row names the columns (default: seen from the row)")
    .option("--no-header", "the first row is data")
    .option("--user-column <column>", "by name, or by position from 0 (default: by usual names, else 0)", column)
    .option("--item-column <column>", "likewise (default: by usual names, else 1)", column)
    .option(
      "--value-column <column>",
      "likewise, the rating, count or duration (default: by usual names, else 2)",
      column,
    )
    .option("--timestamp-column <column>", "likewise (default: by usual names, else 3)", column)
    .option("--no-quotes", "read quotes as text")
    .addOption(
      new Option("--duplicates <policy>", "for a repeated (user, item) pair; sum adds up plays and the like")
        .choices(POLICIES)
        .default("error"),
    )
    .option("--skip-invalid", "leave out rows that break a rule, and count them");
}

/** @throws {UsageError} if some columns are given but not those that then have to be: ratings have a value */
export function csvOptionsOf(flags: RatingsFlags, { predictsRatings }: ModelKind): CsvOptions {
  const { userColumn: user, itemColumn: item, valueColumn: value, timestampColumn: timestamp } = flags;
  const isGiven = [user, item, value, timestamp].some((given) => given !== undefined);
  if (isGiven && (user === undefined || item === undefined || (predictsRatings && value === undefined))) {
    const needed = predictsRatings
      ? "--user-column, --item-column and --value-column"
      : "--user-column and --item-column";
    throw new UsageError(`${needed} must be given together, or none of them`);
  }
  return {
    separator: flags.separator,
    header: flags.header ?? "auto",
    columns: isGiven ? { user: user!, item: item!, value, timestamp } : undefined,
    quotes: flags.quotes,
    duplicates: flags.duplicates as NonNullable<CsvOptions["duplicates"]>,
    invalidRows: flags.skipInvalid ? "skip" : "error",
  };
}

/** Reads ratings and says what they are. @throws {Failure} if they cannot be read or there are none */
export async function readRatings(
  path: string,
  options: CsvOptions,
  context: Context,
  words = RATING_WORDS,
): Promise<RatingsFile> {
  const { output, signal } = context;
  await checkReadable(path);
  await refuseModelFile(path, "a file of ratings");
  const bar = output.drawsProgress ? new ReadingBar() : undefined;
  const begin = performance.now();
  let ratings: Interactions;
  try {
    ratings = await Interactions.fromCsv(path, { ...options, signal, onProgress: (progress) => bar?.show(progress) });
  } catch (error) {
    if (signal.aborted) throw error;
    const message = inFlagWords(messageOf(error));
    throw new Failure(message.startsWith(path) ? message : `${path}: ${message}`, { cause: error });
  } finally {
    bar?.stop();
  }
  const seconds = (performance.now() - begin) / 1000;
  const file = { path, ratings, seconds };
  describe(file, words, context);
  return file;
}

/** @throws {Failure} unless the path is that of a file */
export async function checkReadable(path: string): Promise<void> {
  let isFolder = false;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (cause) {
    throw new Failure(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
  if (isFolder) throw new Failure(`cannot read ${path}: it is a folder; name the file in it, such as ratings.csv`);
}

function describe({ path, ratings, seconds }: RatingsFile, { entry }: InputWords, { output }: Context): void {
  const { size, numUsers, numItems, skippedRows } = ratings;
  const skipped = skippedRows > 0 ? `; ${counted(skippedRows, "invalid row")} left out` : "";
  if (size === 0) throw new Failure(`${path} has no ${entry}s${skipped}`);
  const { minimum, maximum } = ratings;
  const sizes = [counted(size, entry), counted(numUsers, "user"), counted(numItems, "item")].join(", ");
  const values = minimum === maximum ? `each of value ${minimum}` : `${minimum} to ${maximum}`;
  output.note(`${path}: ${sizes}, ${values}; read in ${duration(seconds)}${skipped}`);
  if (minimum !== maximum || size === 1) return;
  if (entry === "interaction") {
    output.note("All count the same; --value-column names the column of counts or durations, if there is one");
    return;
  }
  output.note(
    `Every rating is ${minimum}, so there is nothing to learn; --value-column names the ratings' column, and ` +
      "--model implicit-als learns from rows without ratings",
  );
}

/** The ratings as JSON output tells of them. */
export function ratingsDocument({ path, ratings }: RatingsFile): Record<string, unknown> {
  const { size, numUsers, numItems, minimum, maximum, mean, skippedRows } = ratings;
  return { file: path, size, numUsers, numItems, minimum, maximum, mean, skippedRows };
}
