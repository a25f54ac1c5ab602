/** Files of ids: one a line, or tables whose first column they are. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Id } from "../index.js";
import { Failure, reasonOf } from "./failure.js";
import { describeUnknownId, findId, type KnownIds, type Side } from "./known-ids.js";
import { refuseModelFile } from "./model-file.js";
import type { Context } from "./output.js";
import { count } from "./quantities.js";
import { checkReadable } from "./ratings-file.js";

/** A file's lines that are not blank. */
export interface IdFile {
  path: string;
  lines: readonly string[];
  /** Of each line, from 1. */
  lineNumbers: readonly number[];
}

/** What a text of a file is: its id, or that there is none. */
interface FileId {
  text: string;
  id: Id | undefined;
  lineNumber: number;
}

/** @throws {Failure} if it cannot be read, or is empty */
export async function readIdFile(path: string, side: Side, { signal }: Context): Promise<IdFile> {
  await checkReadable(path);
  await refuseModelFile(path, `a file of ${side} ids`);
  const lines: string[] = [];
  const lineNumbers: number[] = [];
  let lineNumber = 0;
  try {
    const stream = createReadStream(path, { encoding: "utf8", signal });
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const text = lineNumber++ === 0 ? line.replace(/^\uFEFF/, "") : line;
      if (text.trim() === "") continue;
      lines.push(text);
      lineNumbers.push(lineNumber);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw new Failure(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
  if (lines.length === 0) throw new Failure(`${path} has no ids`);
  return { path, lines, lineNumbers };
}

/** The ids, in the order of the file. @throws {Failure} that names the line of one that is unknown */
export function requireIds(file: IdFile, known: KnownIds, context: Context): Id[] {
  return idsOf(file, known, context).map(({ id, text, lineNumber }) => {
    if (id !== undefined) return id;
    throw new Failure(`${file.path} line ${lineNumber}: ${describeUnknownId(known, text)}`);
  });
}

/** Those ids that are known; the others are only counted. @throws {Failure} if none is known */
export function selectIds(file: IdFile, known: KnownIds, context: Context): Id[] {
  const all = idsOf(file, known, context);
  const ids = all.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const unknown = all.find(({ id }) => id === undefined);
  if (unknown === undefined) return ids;
  const first = `${file.path} line ${unknown.lineNumber}: ${describeUnknownId(known, unknown.text)}`;
  if (ids.length === 0) throw new Failure(`${first}; nor any of the others`);
  context.output.note(`${first} (${count(all.length - ids.length)} of ${count(all.length)} ids are unknown)`);
  return ids;
}

/** Names of columns that a first row may have in the place of an id, in lower case and of letters alone. */
const NOUNS =
  "user|customer|client|reviewer|visitor|member|account|item|product|movie|film|anime|book|article|song|track|artist|game";
const COLUMN_NAME = new RegExp(`^((${NOUNS})s?|((${NOUNS}|u|i|m)?ids?)|sku|asin|isbn)$`);

function idsOf({ path, lines, lineNumbers }: IdFile, { ids }: KnownIds, { output }: Context): FileId[] {
  const all = lines.map((line, at): FileId => {
    const whole = findId(ids, line);
    const text = whole === undefined ? firstColumn(line) : line;
    return { text, id: whole ?? findId(ids, text), lineNumber: lineNumbers[at]! };
  });
  const { id, text } = all[0]!;
  const isHeader = id === undefined && COLUMN_NAME.test(text.toLowerCase().replace(/[^a-z]/g, ""));
  if (!isHeader) return all;
  if (all.length === 1) throw new Failure(`${path} has no ids but a header, ${JSON.stringify(text)}`);
  output.note(`${path}: the first line, ${JSON.stringify(text)}, is taken for a header`);
  return all.slice(1);
}

/** The text before the first separator, or in the first quotes. */
function firstColumn(line: string): string {
  const quoted = /^"((?:[^"]|"")*)"/.exec(line);
  return quoted ? quoted[1]!.replaceAll('""', '"') : /^.*?(?=[,;\t|]|::|$)/.exec(line)![0];
}
