/** Flags of the commands that answer with lists: which entries may come, and how they are written. */
import { type Command, Option } from "commander";
import { UsageError } from "./failure.js";
import { collected, columnPair, finiteNumber, wholeNumber } from "./flag-values.js";
import { LIST_FORMATS, type ListFormatName } from "./list-formats.js";
import type { OutputOptions } from "./output.js";

export interface ListFlags extends OutputOptions {
  count: number;
  exclude?: string[];
  include?: string;
  minimumScore?: number;
  titles?: string;
  titleColumns: [string | number, string | number];
  format?: ListFormatName;
  output?: string;
}

/** @param what the entries are called, such as "items" */
export function addSelectionFlags(command: Command, what: string): Command {
  return command
    .addOption(new Option("--count <n>", `${what} a list, at most`).default(10).argParser(wholeNumber(1)))
    .option("--exclude <id>", "leave this one out; may be given several times", collected)
    .option("--include <file>", "only these: one id a line, or a CSV whose first column is the id, as a shop's stock")
    .option("--minimum-score <x>", "only scores of at least x", finiteNumber);
}

export function addTitleFlags(command: Command): Command {
  return command
    .option("--titles <file>", "a file of rows with an item's id and its title, to show titles")
    .addOption(
      new Option("--title-columns <item,title>", "its two columns, by name or by position from 0")
        .default([0, 1], "0,1")
        .argParser(columnPair),
    );
}

/** Behind the other flags of output. */
export function addFormatFlags(command: Command, standard: string): Command {
  return command
    .optionsGroup("Output:")
    .addOption(
      new Option("--format <name>", "how lists are written")
        .choices(LIST_FORMATS)
        .default(undefined, standard)
        .conflicts("json"),
    )
    .option("--output <file>", "write there, all or nothing (default: standard output)");
}

const ENDINGS: readonly [RegExp, ListFormatName][] = [
  [/\.csv$/i, "csv"],
  [/\.(ndjson|jsonl)$/i, "ndjson"],
];

/** The format that is asked for, or else the one of the file's ending, or else a table for few and CSV for many. */
export function formatOf({ format, output = "" }: ListFlags, isMany: boolean): ListFormatName {
  const byEnding = ENDINGS.find(([ending]) => ending.test(output))?.[1];
  return format ?? byEnding ?? (isMany ? "csv" : "table");
}

/** @throws {UsageError} where one document would have to hold the lists of any number */
export function checkDocument({ json }: ListFlags, isMany: boolean): void {
  if (!json || !isMany) return;
  throw new UsageError("--json is one document, for a few lists; --format ndjson writes one line each");
}

/** Whether flags keep entries out. */
export function isRestricted({ exclude, include, minimumScore }: ListFlags): boolean {
  return exclude !== undefined || include !== undefined || minimumScore !== undefined;
}
