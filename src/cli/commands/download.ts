import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { IdIndex } from "../../index.js";
import { BASE_URL, DATA_SETS, type DataSet, LICENCE_NOTE } from "../download/catalog.js";
import { install } from "../download/install.js";
import { UsageError } from "../failure.js";
import type { Context, Output, OutputOptions } from "../output.js";
import { bytes, count } from "../quantities.js";
import { shellWord } from "../shell-word.js";

export interface DownloadFlags extends OutputOptions {
  to: string;
  force?: boolean;
  baseUrl: string;
}

const EXAMPLES = `
Examples:
  lowrank download
  lowrank download ml-latest-small
  lowrank download ml-25m --to data

The archive's checksum is verified before anything is unpacked, and the folder appears only when it is whole.
${LICENCE_NOTE}

Next: lowrank train ml-latest-small/ratings.csv`;

export function defineDownload(command: Command): Command {
  return command
    .summary("fetch a MovieLens data set, or list them")
    .description("Fetch a MovieLens data set into a folder of its name; without a name, list the data sets.")
    .argument("[name]", "the data set, such as ml-latest-small")
    .optionsGroup("Download:")
    .option("--to <dir>", "where to put the data set's folder", ".")
    .option("--force", "replace a folder that is there already")
    .option("--base-url <url>", "a mirror with the same archives", webAddress, BASE_URL)
    .addHelpText("after", EXAMPLES);
}

export async function download(name: string | undefined, flags: DownloadFlags, context: Context): Promise<void> {
  const { output } = context;
  if (name === undefined) return listDataSets(output);
  const dataSet = findDataSet(name);
  const folder = await install(
    dataSet,
    { baseUrl: flags.baseUrl, folder: flags.to, force: flags.force ?? false },
    context,
  );
  output.print(`${folder}: ${count(dataSet.ratings)} ratings. ${LICENCE_NOTE}`);
  output.print("Next:");
  const ratings = shellWord(join(folder, dataSet.ratingsFile));
  const titles = shellWord(join(folder, dataSet.titlesFile));
  output.print(`  lowrank train ${ratings}`);
  output.print(`  lowrank recommend ${ratings} --user 1 --titles ${titles}`);
}

function listDataSets(output: Output): void {
  output.table(
    [
      { name: "name" },
      { name: "ratings", align: "right" },
      { name: "archive", align: "right" },
      { name: "ratings file" },
      { name: "columns" },
      { name: "changes" },
    ],
    DATA_SETS.map(({ name, ratings, archiveBytes, ratingsFile, format, md5 }) => [
      name,
      count(ratings),
      bytes(archiveBytes),
      ratingsFile,
      format,
      md5 === undefined ? "at times" : "never",
    ]),
  );
  output.print(LICENCE_NOTE);
  output.print("Next: lowrank download ml-latest-small");
}

function findDataSet(name: string): DataSet {
  const found = DATA_SETS.find((dataSet) => dataSet.name === name.toLowerCase());
  if (found) return found;
  const names = DATA_SETS.map((dataSet) => dataSet.name);
  const [nearest] = IdIndex.from(names).nearest(name, 1);
  const hint = nearest === undefined ? `there are ${names.join(", ")}` : `did you mean ${nearest}?`;
  throw new UsageError(`no data set ${JSON.stringify(name)}; ${hint}`);
}

/** An address of the web; a slash at its end, so that names can be put behind it. */
function webAddress(text: string): string {
  if (!/^https?:/i.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError("must be an http or https address");
  return text.endsWith("/") ? text : `${text}/`;
}
