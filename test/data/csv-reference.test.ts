import { join } from "node:path";
import { expect, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { RandomPurpose, RandomStream } from "../../src/data/random.js";
import { type ReferenceRow, readReference } from "./csv-reference.js";

/** Rows of hostile text: quotes, separators and breaks in ids, Unicode, numbers in many forms, three line ends. */
function randomText(numRows: number, separator: string): string {
  const random = new RandomStream(17, RandomPurpose.synthetic);
  const choose = <Choice>(...choices: Choice[]): Choice => choices[random.nextBelow(choices.length)]!;
  const texts = [
    "a",
    "é",
    "日本",
    "🎬",
    "x y",
    `p${separator}q`,
    'say "hi"',
    "two\nlines",
    "two\r\nlines",
    "cr\rcr",
    "__proto__",
  ];
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const field = (text: string) => (/[",;\r\n]|::|\t/.test(text) || random.nextBelow(9) === 0 ? quoted(text) : text);
  let text = ["userId", "note", "itemId", "rating", "timestamp"].join(separator) + choose("\n", "\r\n", "\r");
  for (let row = 0; row < numRows; row++) {
    const user =
      random.nextBelow(3) === 0 ? `${choose(...texts)}${random.nextBelow(300)}` : String(random.nextBelow(40_000));
    const item = String(row * 3); // canonical, and distinct: no pair repeats
    const value = choose(
      () => String(random.nextBelow(11) / 2),
      () => (random.nextUniform() * 10).toFixed(random.nextBelow(15)),
      () => `-${random.nextUniform()}`,
      () => `${random.nextBelow(100)}e${random.nextBelow(9) - 4}`,
    )();
    const fields = [
      field(user),
      field(choose(...texts, "")),
      field(item),
      field(value),
      String(1e9 + random.nextBelow(1e6)),
    ];
    text += fields.join(separator) + (random.nextBelow(50) === 0 ? "\n" : "") + choose("\n", "\r\n", "\r");
  }
  return text;
}

test.each([
  [",", 200_000],
  ["::", 20_000],
  ["\t", 20_000],
])("separator %j: %i random rows read as by a plain parser", { timeout: 60_000 }, async (separator, numRows) => {
  const text = randomText(numRows, separator);
  const expected = readReference(text, separator);
  const interactions = await Interactions.fromCsv(new Blob([text]).stream(), { separator });
  expect(interactions.size).toBe(numRows);
  expect(interactions.users.toArray()).toEqual([...new Set(expected.map((row) => row.userId))]);
  expect(interactions.items.toArray()).toEqual(expected.map((row) => Number(row.itemId)));
  const byItem = new Map<number, ReferenceRow>(expected.map((row) => [Number(row.itemId), row]));
  let wrong = 0;
  for (const { userId, itemId, value, timestamp } of interactions) {
    const row = byItem.get(itemId as number)!;
    if (row.userId !== userId || Math.fround(row.value) !== value || row.timestamp !== timestamp) wrong++;
  }
  expect(wrong).toBe(0);
});

const folder = process.env.LOWRANK_DATA;

test.skipIf(folder === undefined)("MovieLens (set LOWRANK_DATA to the folder with ml-latest-small)", async () => {
  const ratings = await Interactions.fromCsv(join(folder!, "ml-latest-small", "ratings.csv"));
  expect([ratings.size, ratings.numUsers, ratings.numItems]).toEqual([100_836, 610, 9724]);
  expect([ratings.minimum, ratings.maximum]).toEqual([0.5, 5]);
  expect(ratings.mean).toBeCloseTo(3.501556983616962, 12);
  const [first] = ratings;
  expect(first).toEqual({ userId: 1, itemId: 1, value: 4, timestamp: 964982703 });
  expect(ratings.matrix.rowLength(ratings.users.indexOf(414))).toBe(2698);
  const { train, test: held } = ratings.split({ seed: 7 });
  expect([train.size, held.size]).toEqual([90_752, 10_084]);
  expect(ratings.leaveOneOut().test.size).toBe(610);
});
