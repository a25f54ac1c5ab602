/** What can be told from a file's first bytes: that it is text, and what separates its columns. */
import { describeValue } from "../options.js";
import { decodeText } from "./parse-number.js";

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** What may stand before a quote that opens a field: the last bytes of the separators that are looked for. */
const CANDIDATE_BYTES: ReadonlySet<number> = new Set(new TextEncoder().encode(":\t,;| "));
const LONGEST_FIRST_LINE = 2 ** 20;

/** How many first bytes `textBegin` wants to see. */
export const SIGNATURE_BYTES = 4;

const SIGNATURES: { bytes: readonly number[]; kind: string; advice: string }[] = [
  { bytes: [0xff, 0xfe], kind: "UTF-16", advice: "save it as UTF-8" },
  { bytes: [0xfe, 0xff], kind: "UTF-16", advice: "save it as UTF-8" },
  { bytes: [0x1f, 0x8b], kind: "gzip", advice: 'pass stream.pipeThrough(new DecompressionStream("gzip"))' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], kind: "a zip archive or a spreadsheet", advice: "pass the CSV in it" },
];

/** Where the text begins in the first bytes of a file: after the byte order mark. @throws if it is no UTF-8 text. */
export function textBegin(bytes: Uint8Array, end: number, label: string): number {
  for (const { bytes: signature, kind, advice } of SIGNATURES) {
    if (end < signature.length || signature.some((byte, at) => bytes[at] !== byte)) continue;
    throw new Error(`${label} must be UTF-8 text, got ${kind}; ${advice}`);
  }
  return end >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/**
 * The separator of the row that begins at `begin`, or undefined if the row's end is not there yet.
 * @throws if there is none in the row
 */
export function detectSeparator(
  bytes: Uint8Array,
  begin: number,
  end: number,
  final: boolean,
  quotes: boolean,
): string | undefined {
  const line = firstLine(bytes, begin, end, final, quotes);
  if (line === undefined) return undefined;
  const count = (separator: string): number => line.split(separator).length - 1;
  if (count("::") > 0) return "::";
  if (count("\t") > 0) return "\t"; // rare in text, so one is proof enough
  const [best] = [",", ";", "|"].sort((a, b) => count(b) - count(a));
  if (count(best!) > 0) return best;
  if (count(" ") > 0) return " ";
  const shown = describeValue(decodeText(bytes, begin, Math.min(end, begin + 80)).split(/[\r\n]/)[0]);
  throw new Error(`separator must be given where the first row has none of :: tab , ; | or space, got ${shown}`);
}

/** The first line's text without what is in quotes; undefined if its end is not there yet. */
function firstLine(bytes: Uint8Array, begin: number, end: number, final: boolean, quotes: boolean): string | undefined {
  let quoted = false;
  let unquoted = "";
  let from = begin;
  const stop = Math.min(end, begin + LONGEST_FIRST_LINE);
  for (let at = begin; at < stop; at++) {
    const byte = bytes[at]!;
    if (!quoted && (byte === LF || byte === CR)) return unquoted + decodeText(bytes, from, at);
    if (byte !== QUOTE || !quotes) continue;
    if (quoted && at + 1 < stop && bytes[at + 1] === QUOTE) at++;
    else if (quoted) {
      quoted = false;
      from = at + 1;
    } else if (at === begin || CANDIDATE_BYTES.has(bytes[at - 1]!)) {
      quoted = true;
      unquoted += decodeText(bytes, from, at);
    }
  }
  if (!final && stop === end) return undefined;
  return quoted ? unquoted : unquoted + decodeText(bytes, from, stop);
}
