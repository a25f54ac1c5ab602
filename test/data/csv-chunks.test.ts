import { describe, expect, test } from "vitest";
import type { CsvOptions } from "../../src/data/csv/csv-options.js";
import { Interactions } from "../../src/data/interactions.js";

const encoder = new TextEncoder();

async function* chunks<Chunk extends Uint8Array | string>(...parts: Chunk[]): AsyncGenerator<Chunk> {
  yield* parts;
}

async function read(parts: (Uint8Array | string)[], options?: CsvOptions): Promise<string> {
  const interactions = await Interactions.fromCsv(chunks(...parts), options);
  return JSON.stringify([...interactions]);
}

/** Everything that a cut could spoil: BOM, CRLF, CR, quotes, escapes, UTF-8 of every length, blank lines, decimals. */
const TRICKY =
  '\ufeff\r\nuserId,title,itemId,rating,timestamp\r\n"é""€",x,"🎬\r\n""\n,",-4.25,1e3\r' +
  'b,"",c,+.5,2\n\r\n"b","q""",d,5.,3\r\rlast,,e,12345678901234567890,4';
const TRICKY_ROWS = [
  { userId: 'é"€', itemId: '🎬\r\n"\n,', value: -4.25, timestamp: 1000 },
  { userId: "b", itemId: "c", value: 0.5, timestamp: 2 },
  { userId: "b", itemId: "d", value: 5, timestamp: 3 },
  { userId: "last", itemId: "e", value: Math.fround(Number("12345678901234567890")), timestamp: 4 },
];

describe("a tricky file", () => {
  const bytes = encoder.encode(TRICKY);
  const expected = JSON.stringify(TRICKY_ROWS);

  test("in one piece", async () => {
    expect(await read([bytes])).toBe(expected);
    expect(await read([TRICKY])).toBe(expected);
  });

  test("cut in two at every byte", async () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(await read([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at ${cut}`).toBe(expected);
    }
  });

  test("cut in two at every place of a string, also in the middle of a surrogate pair", async () => {
    for (let cut = 0; cut <= TRICKY.length; cut++) {
      expect(await read([TRICKY.slice(0, cut), TRICKY.slice(cut)]), `cut at ${cut}`).toBe(expected);
    }
  });

  test.each([1, 2, 3, 5, 7, 64])("in pieces of %i bytes", async (length) => {
    const parts = [];
    for (let begin = 0; begin < bytes.length; begin += length) parts.push(bytes.subarray(begin, begin + length));
    expect(await read(parts)).toBe(expected);
  });

  test("with empty chunks, and bytes and strings mixed", async () => {
    const half = bytes.indexOf(0x0d);
    expect(
      await read(["", bytes.subarray(0, half), new Uint8Array(0), "", new TextDecoder().decode(bytes.subarray(half))]),
    ).toBe(expected);
  });

  test("whose chunks are overwritten once the next is asked for", async () => {
    const shared = new Uint8Array(16);
    const source = async function* () {
      for (let begin = 0; begin < bytes.length; begin += shared.length) {
        const part = bytes.subarray(begin, begin + shared.length);
        shared.set(part);
        yield shared.subarray(0, part.length);
        shared.fill(0x22);
      }
    };
    expect(JSON.stringify([...(await Interactions.fromCsv(source()))])).toBe(expected);
  });
});

describe.each<[string, string, CsvOptions, object[]]>([
  [
    "separator of two bytes",
    'a::"b"":"::4\r\n:c::d:::5',
    { separator: "::", columns: { user: 0, item: 1 }, header: false },
    [
      { userId: "a", itemId: 'b":', value: 1 },
      { userId: ":c", itemId: "d", value: 1 },
    ],
  ],
  [
    "separator seen",
    '\r\r\n"a\n::b"::é::4\r7::8::9\n',
    { header: false },
    [
      { userId: "a\n::b", itemId: "é", value: 4 },
      { userId: "7", itemId: "8", value: 9 },
    ],
  ],
])("every pair of cuts: %s", (_name, text, options, expected) => {
  test("gives the same rows", async () => {
    const bytes = encoder.encode(text);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const parts = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect(await read(parts, options), `cuts at ${first} and ${second}`).toBe(JSON.stringify(expected));
      }
    }
  });
});

test("an error names the same line however the file is cut", async () => {
  const bytes = encoder.encode('\r\n\r\n\r\n1,"a\r\nb",3\r\n\r\n2,x,bad\r\n3,y,1\r\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    await expect(read([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at ${cut}`).rejects.toThrow(
      'stream line 7, column 2: must be a finite number, got "bad"',
    );
  }
});

test("long rows in small chunks take linear time", async () => {
  const long = `"${"x\n".repeat(200_000)}"`;
  const bytes = encoder.encode(`1,${long},2\n3,y,4\n`);
  const parts = [];
  for (let begin = 0; begin < bytes.length; begin += 16) parts.push(bytes.subarray(begin, begin + 16));
  const begun = performance.now();
  const interactions = await Interactions.fromCsv(chunks(...parts));
  expect([...interactions].map(({ value }) => value)).toEqual([2, 4]);
  expect((interactions.items.idAt(0) as string).length).toBe(400_000);
  expect(performance.now() - begun).toBeLessThan(3000); // scanning again at every chunk would take minutes
});

test("rows across the borders of large pieces", async () => {
  const numRows = 150_000;
  const text = Array.from(
    { length: numRows },
    (_, row) => `user ${row % 500},"item ${Math.floor(row / 500)}",${row}\n`,
  ).join("");
  for (const source of [text, encoder.encode(text)]) {
    const interactions = await Interactions.fromCsv(source);
    expect(interactions.size).toBe(numRows);
    let wrong = 0;
    for (const { userId, itemId, value } of interactions) {
      if (userId !== `user ${value % 500}` || itemId !== `item ${Math.floor(value / 500)}`) wrong++;
    }
    expect(wrong).toBe(0);
  }
});
