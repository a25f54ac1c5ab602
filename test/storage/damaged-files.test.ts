/** Files cut off, with bytes changed, moved and put in: an error of the one form, or a file that is sound. */
import { expect, test } from "vitest";
import { isId } from "../../src/data/id-index.js";
import { RandomStream } from "../../src/data/random.js";
import { encodeModel } from "../../src/storage/encode-model.js";
import { modelFileBytes } from "../../src/storage/model-sink.js";
import { exampleParts, readAllOf, SMALL } from "./model-parts.js";

const FILE = modelFileBytes(encodeModel(exampleParts(SMALL)));
const HEADER_BYTES = 8 + Number(new DataView(FILE.buffer).getBigUint64(0, true));

const REFUSAL = /^bytes is not a valid model file: .{5,400}$/;
const NEWER = /^bytes was written by a newer lowrank \(file format \d{1,9}, this one reads 1\); update the package$/;

/** What a model that has been read must be, whatever the file was. */
function findUnsound(read: Awaited<ReturnType<typeof readAllOf>>): string | undefined {
  const { users, items, seen, counts, matrices, vectors, options, parameters } = read;
  if (![...users, ...items].every(isId)) return "ids";
  if (new Set(users).size !== users.size || new Set(items).size !== items.size) return "distinct ids";
  if (seen !== undefined) {
    if (seen.numRows !== users.size || seen.numColumns !== items.size) return "size of seen";
    if (seen.columns.some((item) => item >= items.size) || !seen.values.every(Number.isFinite)) return "seen";
    for (let user = 0; user < users.size; user++) {
      const row = seen.columns.subarray(seen.offsets[user], seen.offsets[user + 1]);
      if (row.length !== seen.rowLength(user) || new Set(row).size !== row.length) return `row ${user}`;
    }
  }
  if (counts && (counts.users.length !== users.size || counts.items.length !== items.size)) return "counts";
  const floats = [...Object.values(matrices).map(({ values }) => values), ...Object.values(vectors)];
  if (!floats.flat().every(Number.isFinite)) return "floats";
  if (Object.values(parameters).some((value) => typeof value !== "number" || Number.isNaN(value))) return "parameters";
  return Object.values(options).every((value) => typeof value !== "object") ? undefined : "options";
}

/** What came of reading bytes: "read", "refused" or "newer"; anything else tells what went wrong. */
async function outcome(bytes: Uint8Array): Promise<string> {
  try {
    return findUnsound(await readAllOf(bytes)) ?? "read";
  } catch (error) {
    if ((error as object).constructor !== Error) return `${(error as Error).stack}`;
    const { message } = error as Error;
    return REFUSAL.test(message) ? "refused" : NEWER.test(message) ? "newer" : message;
  }
}

/** How many of the files each outcome had. */
async function outcomes(files: Iterable<Uint8Array>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const file of files) {
    const result = await outcome(file);
    counts[result] = (counts[result] ?? 0) + 1;
  }
  return counts;
}

test("the whole file is sound", async () => {
  expect(await outcome(FILE)).toBe("read");
});

test("every beginning of the file is refused, and every file that goes on", async () => {
  const beginnings = Array.from({ length: FILE.length }, (_, length) => FILE.subarray(0, length));
  expect(await outcomes(beginnings)).toEqual({ refused: FILE.length });
  const longer = new Uint8Array(FILE.length + 9);
  longer.set(FILE);
  const endings = Array.from({ length: 9 }, (_, more) => longer.subarray(0, FILE.length + 1 + more));
  expect(await outcomes(endings)).toEqual({ refused: 9 });
});

function* withByteChanged(begin: number, end: number, changes: readonly ((byte: number) => number)[]) {
  const file = FILE.slice();
  for (let at = begin; at < end; at++) {
    for (const change of changes) {
      file[at] = change(FILE[at]!);
      yield file;
    }
    file[at] = FILE[at]!;
  }
}

const FLIPS = Array.from({ length: 8 }, (_, bit) => (byte: number) => byte ^ (1 << bit));
const SIGNS = [...'"\\{}[],:09- e\u0000\u00ff'].map((sign) => () => sign.charCodeAt(0));

test("every byte of the header changed: each bit, and into each sign that means something in JSON", async () => {
  const counts = await outcomes(withByteChanged(0, HEADER_BYTES, [...FLIPS, ...SIGNS]));
  expect(Object.keys(counts).sort()).toEqual(["newer", "read", "refused"]);
  expect(counts.refused).toBeGreaterThan(HEADER_BYTES * 10);
});

test("every byte of the buffer changed, each bit", async () => {
  const counts = await outcomes(withByteChanged(HEADER_BYTES, FILE.length, FLIPS));
  expect(Object.keys(counts).sort()).toEqual(["read", "refused"]);
});

/** Bytes overwritten, a stretch copied over another, cut out or put in; the header's length right or not. */
function* mutations(count: number): Generator<Uint8Array> {
  const random = new RandomStream(5, 99);
  const below = (bound: number): number => (bound > 0 ? random.nextBelow(bound) : 0);
  for (let mutation = 0; mutation < count; mutation++) {
    let file = FILE.slice();
    const place = () => (below(4) === 0 ? below(file.length) : below(Math.min(HEADER_BYTES, file.length)));
    for (let step = below(3); step >= 0; step--) {
      const at = place();
      const length = 1 + below(20);
      const kind = below(4);
      if (kind === 0) for (let byte = 0; byte < length && at + byte < file.length; byte++) file[at + byte] = below(256);
      else if (kind === 1) file.copyWithin(at, place(), place());
      else if (kind === 2) file = Uint8Array.of(...file.subarray(0, at), ...file.subarray(at + length));
      else file = Uint8Array.of(...file.subarray(0, at), ...FILE.subarray(place(), place()), ...file.subarray(at));
      const change = file.length - FILE.length;
      const isBrief = file.length < 8 || HEADER_BYTES + change < 9;
      if (below(2) === 0 && !isBrief) {
        new DataView(file.buffer).setBigUint64(0, BigInt(HEADER_BYTES + change - 8), true);
      }
    }
    yield file;
  }
}

test("thousands of random changes", async () => {
  const counts = await outcomes(mutations(6000));
  expect(Object.keys(counts).filter((result) => !["read", "refused", "newer"].includes(result))).toEqual([]);
  expect(counts.refused).toBeGreaterThan(3000);
  expect(counts.read).toBeGreaterThan(50);
});
