/** What `JSON.parse` does not tell: keys that are repeated, and nesting that is only there to do harm. */

/** Deeper than any header nests. */
const MOST_LEVELS = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The position after the string that begins at `begin`. */
function endOfString(json: string, begin: number): number {
  let at = begin + 1;
  for (; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  return json.length;
}

function isKey(json: string, end: number): boolean {
  let at = end;
  while (at < json.length && /\s/.test(json[at]!)) at++;
  return json.charCodeAt(at) === COLON;
}

/**
 * What is wrong with a JSON text that `JSON.parse` would hide or choke on: an object with one key twice (the last would
 * win, the first never be checked), or more than 32 levels. `undefined` if neither; the text may be no JSON at all.
 * @throws {SyntaxError} by a key with a bad escape.
 */
export function findJsonFault(json: string): string | undefined {
  const levels: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(json, at);
      const keys = levels.at(-1);
      if (keys !== undefined && isKey(json, end)) {
        const key = json.slice(at, end);
        const name = JSON.parse(key) as string; // "a" and "\u0061" are one key
        if (keys.has(name)) return `has the key ${key.slice(0, 100)} twice`;
        keys.add(name);
      }
      at = end - 1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (levels.push(new Set()) > MOST_LEVELS) return `is nested more than ${MOST_LEVELS} levels deep`;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      levels.pop();
    }
  }
  return undefined;
}
