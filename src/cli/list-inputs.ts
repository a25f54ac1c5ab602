/** What the commands that answer with lists read beside the model, and where they write. */
import type { Id, SimilarOptions } from "../index.js";
import { type IdFile, readIdFile, selectIds } from "./id-file.js";
import { describeUnknownId, findId, type KnownIds, type Side } from "./known-ids.js";
import type { ListFlags } from "./list-flags.js";
import type { Context } from "./output.js";
import { readTitles, type Titles } from "./titles.js";
import { checkWritable, type Place } from "./writable-path.js";

export interface ListInputs {
  titles: Titles | undefined;
  include: IdFile | undefined;
  /** What is at the path of --output. */
  place: Place;
}

/** Which entries may come, as the library's queries take it. */
type Selection = Pick<SimilarOptions, "count" | "exclude" | "include" | "minimumScore">;

/** @param inputs files that are read beside those of the flags @throws {Failure} before anything is trained */
export async function readListInputs(
  flags: ListFlags,
  entry: Side,
  inputs: readonly string[],
  context: Context,
): Promise<ListInputs> {
  const { titles: titlesPath, include: includePath, output } = flags;
  const read = [...inputs, titlesPath, includePath].filter((path) => path !== undefined);
  const place = output === undefined ? "nothing" : await checkWritable(output, "--output", read);
  const titles = titlesPath === undefined ? undefined : await readTitles(titlesPath, flags.titleColumns, context);
  const include = includePath === undefined ? undefined : await readIdFile(includePath, entry, context);
  return { titles, include, place };
}

/** An id of --exclude that is unknown is told of and changes nothing. */
export function selectionOf(
  { count, exclude = [], minimumScore }: ListFlags,
  include: IdFile | undefined,
  known: KnownIds,
  context: Context,
): Selection {
  const excluded = exclude.flatMap((text): Id[] => {
    const id = findId(known.ids, text);
    if (id === undefined) context.output.note(`--exclude: ${describeUnknownId(known, text)}`);
    return id === undefined ? [] : [id];
  });
  return {
    count,
    exclude: excluded,
    ...(include === undefined ? {} : { include: selectIds(include, known, context) }),
    ...(minimumScore === undefined ? {} : { minimumScore }),
  };
}
