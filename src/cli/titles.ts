/** Items' titles from a file such as movies.csv, for people to read. */
import { readFile } from "node:fs/promises";
import { Interactions } from "../index.js";
import { Failure, messageOf } from "./failure.js";
import { inFlagWords } from "./flag-words.js";
import { refuseModelFile } from "./model-file.js";
import type { Context } from "./output.js";
import { checkReadable } from "./ratings-file.js";

/** Item id, as text, → title. */
export type Titles = ReadonlyMap<string, string>;

/**
 * Reads pairs of id and title: a file of ratings with titles in the place of items. Rows without a title are left out.
 * @param columns of the item and the title; names need a header, with positions a header is a row like others
 */
export async function readTitles(
  path: string,
  [item, title]: readonly [string | number, string | number],
  { signal }: Context,
): Promise<Titles> {
  await checkReadable(path);
  await refuseModelFile(path, "a file of titles");
  const text = decode(await readFile(path));
  const hasNames = typeof item === "string" || typeof title === "string";
  let pairs: Interactions;
  try {
    pairs = await Interactions.fromCsv(new File([text], path), {
      header: hasNames,
      columns: { user: item, item: title },
      ids: "string",
      quotes: !isUnquoted(text),
      duplicates: "last",
      invalidRows: "skip",
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const message = inFlagWords(messageOf(error)).replace(/--(user|item)-column/g, "--title-columns");
    throw new Failure(`${path}: ${message.replace(`${path}: `, "")}`, { cause: error });
  }
  const titles = new Map<string, string>();
  for (const { userId, itemId } of pairs) titles.set(String(userId), String(itemId));
  if (titles.size === 0) throw new Failure(`${path} has no titles; --title-columns says where they are`);
  return titles;
}

/** MovieLens' older files separate by "::" or "|" and have quotes as text. */
function isUnquoted(text: string): boolean {
  return /^[^\r\n,]*(::|\|)/.test(text);
}

/** UTF-8, or Latin-1 as in MovieLens' older files. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}
