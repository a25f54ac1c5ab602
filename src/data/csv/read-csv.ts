/** Text of rows and columns → the parts of an `Interactions`, as a stream: what is kept per row is numbers. */
import { assembleParts, type InteractionParts } from "../interaction-parts.js";
import { readColumns } from "../read-columns.js";
import { type ByteSource, type CsvSource, openSource } from "./byte-source.js";
import { ChunkEncoder } from "./chunk-encoder.js";
import { type CheckedCsvOptions, type CsvOptions, checkCsvOptions } from "./csv-options.js";
import { CsvParser } from "./csv-parser.js";
import { EventLoopTurns } from "./event-loop.js";
import type { RowReader } from "./row-reader.js";

const PROGRESS_BYTES = 2 ** 20;

/** Reads a CSV source to its end. Lines in messages count from 1, columns without a header from 0. */
export async function readCsv(source: CsvSource, options: CsvOptions): Promise<InteractionParts> {
  const checked = checkCsvOptions(options);
  checked.signal?.throwIfAborted();
  const opened = await openSource(source, checked.signal);
  const turns = new EventLoopTurns(checked.signal);
  const parser = new CsvParser(checked, opened.label);
  let rows: RowReader | undefined;
  try {
    rows = await parseChunks(opened, parser, checked, turns);
  } catch (error) {
    opened.cancel();
    opened.chunks.return?.().catch(() => {}); // not awaited: a chunk may be pending that never comes
    throw error;
  }
  return finish(rows, checked, turns);
}

async function parseChunks(
  { chunks, totalBytes }: ByteSource,
  parser: CsvParser,
  { signal, onProgress }: CheckedCsvOptions,
  turns: EventLoopTurns,
): Promise<RowReader | undefined> {
  const encoder = new ChunkEncoder();
  let bytes = 0;
  let reportedBytes = 0;
  for (;;) {
    const { done, value } = await unlessAborted(chunks.next(), signal);
    for (const piece of done ? encoder.rest() : encoder.pieces(value)) {
      parser.push(piece);
      bytes += piece.length;
      if (bytes - reportedBytes >= PROGRESS_BYTES) {
        onProgress?.({ bytes, rows: parser.numRows, totalBytes });
        reportedBytes = bytes;
      }
      await turns.yieldIfLong();
    }
    if (done) break;
  }
  const rows = parser.finish();
  onProgress?.({ bytes, rows: parser.numRows, totalBytes });
  return rows;
}

/** The promise's outcome, or the signal's reason as soon as it is aborted. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

async function finish(
  rows: RowReader | undefined,
  { duplicates }: CheckedCsvOptions,
  turns: EventLoopTurns,
): Promise<InteractionParts> {
  if (rows === undefined) return readColumns({ users: [], items: [] }, {});
  const { entries, skippedRows } = rows;
  const users = await turns.run(rows.users.finishInSteps());
  const items = await turns.run(rows.items.finishInSteps());
  entries.renumber(users.indexOfKey, items.indexOfKey);
  const sorted = await turns.run(entries.sortInSteps(users.index.size));
  return assembleParts(users.index, items.index, sorted, duplicates, skippedRows);
}
