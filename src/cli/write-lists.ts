/** Lists of answers → text → wherever it is to go, a piece at a time, so that memory holds no more than a batch. */
import { setImmediate as turn } from "node:timers/promises";
import type { AnswerBatches, AnswerList } from "./answer-lists.js";
import { ListBar } from "./list-bar.js";
import { formatOf, type ListFlags } from "./list-flags.js";
import {
  csvFormat,
  type ListFormat,
  type ListFormatName,
  type ListWords,
  listDocument,
  ndjsonFormat,
  tableFormat,
} from "./list-formats.js";
import type { Context, Output } from "./output.js";
import { counted, duration } from "./quantities.js";
import { openSink, type ResultSink } from "./result-sink.js";
import type { Titles } from "./titles.js";
import type { Place } from "./writable-path.js";

/** What is to be written. */
export interface ListJob {
  batches: AnswerBatches;
  words: ListWords;
  titles: Titles | undefined;
  /** How many lists there will be. */
  total: number;
  /** Whether there may be any number of them, rather than a few that were named. */
  isMany: boolean;
  /** What stands before the lists in a JSON document. */
  document: Record<string, unknown>;
  /** What is told beside a table that is shorter than it might be. */
  whyFewer: string;
}

const PIECE_CHARACTERS = 2 ** 16;

/** Writes all lists as the flags ask. @param place what was at `flags.output` */
export async function writeLists(job: ListJob, flags: ListFlags, place: Place, context: Context): Promise<void> {
  const { output, signal } = context;
  const sink = await openSink(flags.output, place, signal);
  try {
    if (output.json) await writeDocument(job, sink);
    else await writeStream(job, flags, sink, context);
    signal.throwIfAborted();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
  await sink.finish();
}

async function writeDocument({ batches, words, titles, document }: ListJob, sink: ResultSink): Promise<void> {
  const lists: object[] = [];
  for await (const batch of batches) for (const list of batch) lists.push(listDocument(list, words, titles));
  await sink.write(`${JSON.stringify({ ...document, [`${words.query}s`]: lists }, undefined, 2)}\n`);
}

async function writeStream(job: ListJob, flags: ListFlags, sink: ResultSink, context: Context): Promise<void> {
  const { output } = context;
  const begin = performance.now();
  const name = formatOf(flags, job.isMany);
  const isOnTerminal = flags.output === undefined && process.stdout.isTTY;
  const hasBar = job.isMany && output.drawsProgress && !isOnTerminal;
  const bar = hasBar ? new ListBar(job.total, `${job.words.query}s`) : undefined;
  const tally = new Tally();
  try {
    await pour(job.batches, makeFormat(name, job, flags, output), sink, context, (list) => {
      tally.add(list, flags.count);
      if (tally.lists % 1024 === 0) bar?.show(tally.lists);
    });
  } finally {
    bar?.stop();
  }
  if (name === "table" && tally.short > 0 && !job.isMany) output.note(job.whyFewer);
  const seconds = (performance.now() - begin) / 1000;
  if (job.isMany || flags.output !== undefined) output.note(tally.describe(job, flags.output, seconds));
}

function makeFormat(name: ListFormatName, { words, titles }: ListJob, flags: ListFlags, output: Output): ListFormat {
  if (name === "csv") return csvFormat(words, titles);
  if (name === "ndjson") return ndjsonFormat(words, titles);
  const isFile = flags.output !== undefined;
  const style = { boxed: !isFile && output.isTerminal, colored: !process.env.NO_COLOR };
  return tableFormat(words, titles, { columns: isFile ? Number.POSITIVE_INFINITY : output.columns, style });
}

/** Between pieces there is a turn of the event loop, in which signals and broken pipes are heard. */
async function pour(
  batches: AnswerBatches,
  format: ListFormat,
  sink: ResultSink,
  { signal }: Context,
  onList: (list: AnswerList) => void,
): Promise<void> {
  let text = format.head;
  for await (const batch of batches) {
    for (const list of batch) {
      text += format.text(list);
      onList(list);
      if (text.length < PIECE_CHARACTERS) continue;
      await sink.write(text);
      text = "";
      await turn();
      signal.throwIfAborted();
    }
  }
  if (text !== "") await sink.write(text);
}

/** What was written. */
class Tally {
  lists = 0;
  /** Lists without entries, and with fewer than were asked for. */
  empty = 0;
  short = 0;
  #entries = 0;

  add({ entries }: AnswerList, most: number): void {
    this.lists++;
    this.#entries += entries.length;
    if (entries.length === 0) this.empty++;
    if (entries.length < most) this.short++;
  }

  describe({ words }: ListJob, path: string | undefined, seconds: number): string {
    const lists = counted(this.lists, words.query);
    const entries = counted(this.#entries, words.list === "similar" ? `similar ${words.entry}` : "recommendation");
    const without = this.empty > 0 ? `; nothing for ${counted(this.empty, words.query)}` : "";
    return `${path === undefined ? "" : `${path}: `}${lists}, ${entries} in ${duration(seconds)}${without}`;
  }
}
