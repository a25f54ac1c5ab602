import { describe, expect, test } from "vitest";
import type { CsvOptions } from "../../src/data/csv/csv-options.js";
import { Interactions } from "../../src/data/interactions.js";

const read = (text: string | Uint8Array, options?: CsvOptions) => Interactions.fromCsv(text, options);
const rows = async (text: string | Uint8Array, options?: CsvOptions) => [...(await read(text, options))];
/** Rows as "user/item/value", ids as JSON. */
const brief = async (text: string | Uint8Array, options?: CsvOptions) =>
  (await rows(text, options)).map(({ userId, itemId, value, timestamp }) => {
    const time = timestamp === undefined ? "" : `@${timestamp}`;
    return `${JSON.stringify(userId)} ${JSON.stringify(itemId)} ${value}${time}`;
  });

describe("quotes", () => {
  test("enclose separators, line breaks and doubled quotes", async () => {
    const text = 'user,item,rating\r\n"a,b","c\r\nd",5\r\n"""e""","f ""g""",6\r\n"h",i,"7"\r\n';
    expect(await brief(text)).toEqual(['"a,b" "c\\r\\nd" 5', '"\\"e\\"" "f \\"g\\"" 6', '"h" "i" 7']);
  });

  test("are text inside a field that does not begin with one", async () => {
    expect(await brief('5" disc,a"b"c,1\n', { header: false })).toEqual(['"5\\" disc" "a\\"b\\"c" 1']);
  });

  test("quotes: false reads them as text", async () => {
    expect(await brief('"a"b\tx\t1\n"c\ty"\t2\n', { quotes: false, header: false })).toEqual([
      '"\\"a\\"b" "x" 1',
      '"\\"c" "y\\"" 2',
    ]);
  });

  test.each<[string, string]>([
    ['1,2,3\n1,"4"x,5\n', 'text line 2: a closing quote must end its field, got more text after "4"'],
    ['a,b,"c" \n', 'text line 1: a closing quote must end its field, got more text after "c"'],
    ['1,2,3\n\n1,"4,5\n6,7,8\n', "text line 3: a quote must be closed, got the end of the data"],
    ['1,2,3\n1,2,"', "text line 2: a quote must be closed, got the end of the data"],
  ])("%j is told", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  test("left open are told before they swallow the file", async () => {
    const text = `1,2,3\n1,"${"4,5\n".repeat(2 ** 23)}`;
    await expect(read(text)).rejects.toThrow(
      "text line 2: a row must be at most 16 MiB, got more; is a quote left open?",
    );
  });
});

describe("lines", () => {
  const expected = ["1 2 3", "4 5 6"];
  test.each([
    "1,2,3\n4,5,6\n",
    "1,2,3\n4,5,6",
    "1,2,3\r\n4,5,6\r\n",
    "1,2,3\r\n4,5,6",
    "1,2,3\r4,5,6\r",
    "1,2,3\r4,5,6",
    "\n\n1,2,3\n\n\r\n4,5,6\n\n\n",
    "\r\r1,2,3\r\r4,5,6\r\r",
    "  \n\t\n1,2,3\n   \n4,5,6\n \t",
    "\ufeff1,2,3\n4,5,6\n",
    "\ufeff\n1,2,3\n4,5,6\n",
    "1,2,3\r\n4,5,6\n\r",
  ])("%j", async (text) => {
    expect(await brief(text)).toEqual(expected);
    expect(await brief(text, { separator: ",", header: false })).toEqual(expected);
  });

  test.each([
    ["1,2,3\n\n1,2,x\n", 3],
    ["1,2,3\r\n\r\n1,2,x\r\n", 3],
    ["1,2,3\r\r1,2,x\r", 3],
    ['1,"a\nb\r\nc\rd",3\n1,2,x\n', 5],
    ["\n\r\n\r1,2,3\n1,2,x", 5],
    ["\ufeffuser,item,rating\n1,2,x", 2],
  ])("are counted in %j", async (text, line) => {
    await expect(read(text)).rejects.toThrow(`text line ${line}, column `);
  });

  test.each<[string, string]>([
    ["userId,itemId,rating\n1,2,abc\n", 'text line 2, column "rating": must be a finite number, got "abc"'],
    ["userId,itemId,rating\n1,2,\n", 'text line 2, column "rating": must be a finite number, got ""'],
    ["userId,itemId,rating\n1,2,NaN\n", 'text line 2, column "rating": must be a finite number, got "NaN"'],
    ["userId,itemId,rating\n1,2,-Infinity\n", 'column "rating": must be a finite number, got "-Infinity"'],
    ["userId,itemId,rating\n1,2,1e39\n", 'column "rating": must be a finite 32-bit float, got "1e39"'],
    ["userId,itemId,rating\n1,2,'5\n", 'must be a finite number, got "\'5"'],
    ["userId,itemId,rating\n,2,5\n", 'line 2, column "userId": must be a non-empty string or a finite number, got ""'],
    ["userId,itemId,rating\n1,,5\n", 'line 2, column "itemId": must be a non-empty string or a finite number, got ""'],
    [
      'userId,itemId,rating\n1,"",5\n',
      'line 2, column "itemId": must be a non-empty string or a finite number, got ""',
    ],
    ["userId,itemId,rating\n1,2\n3,4,5\n", "text line 2: a row must have 3 columns, as the first has, got 2"],
    ["userId,itemId,rating\n1,2,3,4\n", "text line 2: a row must have 3 columns, as the first has, got 4"],
    [
      "1,2,3,4\n5,6,7,8\n9,10",
      "text line 3: a row must have 4 columns, as the first has, got 2; the data end in the mid",
    ],
    ["1,2,3,4\n5,6,7,x\n", 'text line 2, column 3: must be a finite number, as the first, got "x"'],
    ["user,item,ts\n1,2,soon\n", 'column "ts": must be a finite number or an ISO date'],
    ["user,item,ts\n1,2,2020-01-01\n1,3,5\n", 'line 3, column "ts": must be an ISO date, as the first, got "5"'],
  ])("%j is told", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  test("a long field is cut in the message", async () => {
    await expect(read(`1,2,${"z".repeat(10_000)}\n`, { header: false })).rejects.toThrow(`got "${"z".repeat(60)}…"`);
  });
});

describe("timestamps", () => {
  test("are numbers in their own unit, or ISO dates in milliseconds", async () => {
    expect(await brief("user,item,time\n1,2,1.5e9\n1,3,-1\n")).toEqual(["1 2 1@1500000000", "1 3 1@-1"]);
    expect(await brief("user,item,date\n1,2,2020-01-01\n1,3,2020-01-01 00:00:01Z\n")).toEqual([
      `1 2 1@${Date.UTC(2020, 0, 1)}`,
      `1 3 1@${Date.UTC(2020, 0, 1) + 1000}`,
    ]);
  });
});

describe("bytes that are not UTF-8 text", () => {
  const bytes = (...parts: (string | number)[]) =>
    Uint8Array.from(parts.flatMap((part) => (typeof part === "number" ? [part] : [...new TextEncoder().encode(part)])));

  test("an id that is not UTF-8 is told with its line; other columns may hold anything", async () => {
    await expect(read(bytes("1,2,3\ncaf", 0xe9, ",2,3\n"))).rejects.toThrow(
      'bytes line 2, column 0: must be UTF-8 text, got "caf\ufffd"',
    );
    expect(await brief(bytes("user,title,item\n1,caf", 0xe9, ",3\n"))).toEqual(["1 3 1"]);
  });

  test.each<[number[], string]>([
    [[0xff, 0xfe, 0x31, 0x00], "bytes must be UTF-8 text, got UTF-16; save it as UTF-8"],
    [[0xfe, 0xff, 0x00, 0x31], "got UTF-16"],
    [[0x1f, 0x8b, 0x08, 0x00], 'got gzip; pass stream.pipeThrough(new DecompressionStream("gzip"))'],
    [[0x50, 0x4b, 0x03, 0x04, 0x14], "got a zip archive or a spreadsheet"],
  ])("%j is told", async (signature, message) => {
    await expect(read(Uint8Array.from(signature))).rejects.toThrow(message);
  });
});

describe("nothing", () => {
  test.each(["\n", "\r\n\r\n", "\ufeff\n", "   \n", "user,item\n", "user,item,rating\r\n\r\n"])(
    "%j is empty",
    async (text) => {
      const interactions = await read(text);
      expect([interactions.size, interactions.numUsers, interactions.numItems]).toEqual([0, 0, 0]);
    },
  );

  test("no bytes at all are empty too", async () => {
    expect((await read(new Uint8Array(0))).size).toBe(0);
    expect((await read(Uint8Array.of(0xef, 0xbb, 0xbf))).size).toBe(0);
  });
});
