/** Model files as programs write them, for the command line to read. */
import { Interactions, MatrixFactorization } from "../../src/index.js";

/** Ids that CSV has to quote, or that are easily taken for something else. */
export const ODD_USERS = [
  "a,b",
  'say "hi"',
  " spaced ",
  "two\nlines",
  "Zoë 🙂",
  "userId",
  "semi;colon",
  "x::y",
  "=1+1",
];
export const ODD_ITEMS = ["p|q", '"', "tab\there", "r\r\ns", "__proto__", "0x10", "plain", "trailing "];

export function oddRatings(): Interactions {
  return Interactions.fromObjects(
    ODD_USERS.flatMap((userId, user) =>
      ODD_ITEMS.filter((_, item) => (user + item) % 3 !== 0).map((itemId, item) => ({
        userId,
        itemId,
        value: 1 + ((2 * user + 3 * item) % 5),
      })),
    ),
  );
}

/** A model whose lists take a while to write. */
export function largeModel(): MatrixFactorization {
  const numUsers = 200_000;
  const numItems = 200;
  const wave = (length: number, step: number) => Float32Array.from({ length }, (_, at) => Math.sin(at * step));
  return MatrixFactorization.fromFactors({
    userIds: Array.from({ length: numUsers }, (_, user) => user + 1),
    itemIds: Array.from({ length: numItems }, (_, item) => item + 1),
    userFactors: wave(4 * numUsers, 0.7),
    itemFactors: wave(4 * numItems, 1.3),
  });
}

/** A safetensors file of a header alone. */
export function headerOnly(header: unknown): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}
