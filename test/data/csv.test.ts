import { describe, expect, test } from "vitest";
import type { CsvOptions, CsvProgress } from "../../src/data/csv/csv-options.js";
import { Interactions } from "../../src/data/interactions.js";

const read = (text: string | Uint8Array, options?: CsvOptions) => Interactions.fromCsv(text, options);
const rows = async (text: string | Uint8Array, options?: CsvOptions) => [...(await read(text, options))];
/** Rows as "user/item/value", ids as JSON. */
const brief = async (text: string | Uint8Array, options?: CsvOptions) =>
  (await rows(text, options)).map(({ userId, itemId, value, timestamp }) => {
    const time = timestamp === undefined ? "" : `@${timestamp}`;
    return `${JSON.stringify(userId)} ${JSON.stringify(itemId)} ${value}${time}`;
  });

describe("headers", () => {
  test.each([
    "userId,itemId,rating,timestamp",
    "user_id,item_id,value,time",
    "user,item,score,ts",
    "uid,iid,count,date",
    "userId,movieId,rating,timestamp",
    "USER ID,Product-ID,Stars,Unix_Time",
    ' customer_id , "asin",plays,created.at',
  ])("%s is recognised", async (header) => {
    expect(await brief(`${header}\n7,8,2.5,100\n`)).toEqual(["7 8 2.5@100"]);
  });

  test("columns may stand anywhere, among others", async () => {
    const text = "timestamp,title,rating,movieId,genre,userId\n5,Alien,4.5,31,Horror,1\n";
    expect(await brief(text)).toEqual(["1 31 4.5@5"]);
  });

  test("without a value column each value is 1", async () => {
    expect(await brief("user,item\n1,2\n3,4\n")).toEqual(["1 2 1", "3 4 1"]);
    expect((await read("user,item\n1,2\n")).timestamps).toBeUndefined();
  });

  test.each([
    ["1,2\n3,4\n", ["1 2 1", "3 4 1"]],
    ["1,2,5\n3,4,6\n", ["1 2 5", "3 4 6"]],
    ["1,2,5,9\n3,4,6,8\n", ["1 2 5@9", "3 4 6@8"]],
    ["1,2,5,9,x\n3,4,6,8,y\n", ["1 2 5@9", "3 4 6@8"]],
    ["alice,Alien,5\nbob,Brazil,4\n", ['"alice" "Alien" 5', '"bob" "Brazil" 4']],
  ])("%j has none: columns 0, 1, 2, 3", async (text, expected) => {
    expect(await brief(text)).toEqual(expected);
  });

  test("an unrecognised header lists the columns and says how to name them", async () => {
    await expect(read("shopper,thing,qty\n1,2,3\n")).rejects.toThrow(
      "text: the header must name the user column in a known way (such as userId), got " +
        '"shopper", "thing", "qty"; say which to read, like ' +
        'columns: { user: "shopper", item: "thing", value: "qty" }, or header: false if it is data',
    );
    await expect(read("userId,thing\n1,2\n")).rejects.toThrow("must name the item column");
    await expect(read("alice,Alien\nbob,Brazil\n")).rejects.toThrow("or header: false if it is data");
  });

  test("two columns for one role are not guessed between", async () => {
    await expect(read("userId,itemId,rating,score\n1,2,3,4\n")).rejects.toThrow(
      'the header must have one column for the value, got "rating" and "score"',
    );
  });

  test("header: false reads the first row as data, header: true never does", async () => {
    expect(await brief("alice,Alien\nbob,Brazil\n", { header: false })).toEqual([
      '"alice" "Alien" 1',
      '"bob" "Brazil" 1',
    ]);
    expect(await brief("user,item\n1,2\n", { header: false })).toEqual(['"user" "item" 1', '"1" "2" 1']);
    await expect(read("1,2\n3,4\n", { header: true })).rejects.toThrow("must name the user column");
    expect(await brief("1,2\n3,4\n", { header: true, columns: { user: 0, item: 1 } })).toEqual(["3 4 1"]);
  });
});

describe("columns", () => {
  const text = "buyer,sku code,qty,when\n1,x,2,3\n";

  test.each<[CsvOptions, string]>([
    [{ columns: { user: "buyer", item: "sku code", value: "qty", timestamp: "when" } }, '1 "x" 2@3'],
    [{ columns: { user: "buyer", item: "sku code" } }, '1 "x" 1'],
    [{ columns: { user: 0, item: 1, value: 3 } }, '1 "x" 3'],
    [{ columns: { user: "qty", item: 0 } }, "2 1 1"],
  ])("%j", async (options, expected) => {
    expect(await brief(text, options)).toEqual([expected]);
  });

  test.each<[CsvOptions, string]>([
    [
      { columns: { user: "buyer", item: "skucode" } },
      'columns.item must be one of "buyer", "sku code", "qty", "when", got "skucode"; did you mean "sku code"?',
    ],
    [{ columns: { user: 0, item: 4 } }, "columns.item must be below 4, the number of columns, got 4"],
    [{ columns: { user: 0, item: "buyer" } }, 'columns.item must differ from columns.user, got "buyer" for both'],
    [{ columns: { user: -1, item: 1 } }, "columns.user must be a whole number ≥ 0, got -1"],
    [{ columns: { user: 0.5, item: 1 } }, "columns.user must be a whole number ≥ 0, got 0.5"],
    [{ columns: { user: 0 } as never }, "columns.item must be a column's name, or its position from 0, got undefined"],
    [{ columns: { user: 0, item: 1, values: 2 } as never }, 'columns: unknown option "values"; did you mean "value"?'],
    [{ columns: { user: "a", item: 1 }, header: false }, "columns.user must be a position, from 0, as header is false"],
    [{ columns: null as never }, "columns: options must be an object, got null"],
  ])("refuses %j", async (options, message) => {
    await expect(read(text, options)).rejects.toThrow(message);
  });

  test("by position, a first row without any number is a header if values are read", async () => {
    expect(await brief(text, { columns: { user: 0, item: 1, value: 2 } })).toEqual(['1 "x" 2']);
    await expect(read("a,b\nc,d\n", { columns: { user: 0, item: 1 } })).rejects.toThrow(
      'header must be true or false where the first row may be either, got "a", "b"',
    );
  });
});

describe("separators", () => {
  test.each([
    ["1,2,3\n", undefined],
    ["1\t2\t3\n", undefined],
    ["1;2;3\n", undefined],
    ["1::2::3\n", undefined],
    ["1|2|3\n", undefined],
    ["1 2 3\n", undefined],
    ["1--2--3\n", "--"],
    ["1§2§3\n", "§"],
    ["1:2:3\n", ":"],
    ["1, 2, 3\n", ", "],
  ])("%j is seen or said", async (text, separator) => {
    expect(await brief(text, separator === undefined ? {} : { separator })).toEqual(["1 2 3"]);
  });

  test("are seen outside quotes, and not by what is in the text", async () => {
    expect(await brief('user;item\n"a,b,c,d";x\n')).toEqual(['"a,b,c,d" "x" 1']);
    expect(await brief('"a;b;c;d",x,1\n')).toEqual(['"a;b;c;d" "x" 1']);
    expect(await brief("1\t2\t3\ta, b, c, d\n", { columns: { user: 0, item: 1, value: 2 } })).toEqual(["1 2 3"]);
    expect(await brief('"a\nb",x,1\n')).toEqual(['"a\\nb" "x" 1']);
  });

  test("parts of a long separator are text", async () => {
    expect(
      await brief("a:b::c:::d::1\n", {
        separator: "::",
        columns: { user: 0, item: 1 },
        header: false,
      }),
    ).toEqual(['"a:b" "c" 1']);
    expect(await brief("a::b::5\nc:::d::6", { header: false })).toEqual(['"a" "b" 5', '"c" ":d" 6']);
    expect(
      await brief(new TextEncoder().encode("a::b:"), { separator: "::", header: false, columns: { user: 0, item: 1 } }),
    ).toEqual(['"a" "b:" 1']);
  });

  test.each(["", "\n", 'a"', "\r", 5 as never])("refuses %j", async (separator) => {
    await expect(read("1,2\n", { separator })).rejects.toThrow(
      "separator must be a text without line breaks and quotes",
    );
  });

  test("a first row with none is told", async () => {
    await expect(read("abc\n1,2\n")).rejects.toThrow(
      'separator must be given where the first row has none of :: tab , ; | or space, got "abc"',
    );
    await expect(read("abc\n", { separator: ",", header: false })).rejects.toThrow(
      'rows must have at least a user and an item column, got "abc"',
    );
  });
});

describe("ids", () => {
  test("are numbers if every one in the column is a canonical integer", async () => {
    expect(await brief("1,a,1\n-2,b,1\n0,c,1\n9007199254740992,d,1\n")).toEqual([
      '1 "a" 1',
      '-2 "b" 1',
      '0 "c" 1',
      '9007199254740992 "d" 1',
    ]);
  });

  test.each(["01", "1.0", "+1", "-0", "9007199254740993", "1e3", " 1", "1 ", "0x1", "99999999999999999999"])(
    "are strings if one is %j",
    async (odd) => {
      expect(await brief(`7,1,1\n${odd},2,1\n`)).toEqual(['"7" 1 1', `${JSON.stringify(odd)} 2 1`]);
    },
  );

  test("1, 01 and 001 are three ids, 0 and 00 two", async () => {
    const interactions = await read("1,0,1\n01,0,1\n001,00,1\n1,00,1\n01,00,1\n");
    expect(interactions.users.toArray()).toEqual(["1", "01", "001"]);
    expect(interactions.items.toArray()).toEqual(["0", "00"]);
    expect(interactions.matrix.columns).toEqual(Uint32Array.of(0, 1, 0, 1, 1));
  });

  test('"string" keeps them as they are written', async () => {
    const interactions = await read("1,2,3\n", { ids: "string" });
    expect([interactions.users.toArray(), interactions.items.toArray()]).toEqual([["1"], ["2"]]);
    expect(interactions.users.indexOf(1)).toBe(0);
  });

  test('"number" reads every number, however written, as the same id', async () => {
    const text = "1,5,1\n1.0,6,2\n01,7,3\n2,5.0,4\n1e0,8,5\n";
    expect(await brief(text, { ids: "number" })).toEqual(["1 5 1", "1 6 2", "1 7 3", "1 8 5", "2 5 4"]);
    await expect(read("1,2,3\n1,x,3\n", { ids: "number" })).rejects.toThrow(
      'text line 2, column 1: must be a finite number, got "x"',
    );
    await expect(read("1,2,3\n , 2,3\n", { ids: "number" })).rejects.toThrow(
      'column 0: must be a finite number, got " "',
    );
  });

  test("may be anything: quotes, Unicode, names of properties", async () => {
    const text = '__proto__,"say ""hi""",1\nconstructor,"a,b\r\nc",2\n日本,🎬,3\n"""",x,4\n';
    expect((await rows(text)).map(({ userId, itemId }) => [userId, itemId])).toEqual([
      ["__proto__", 'say "hi"'],
      ["constructor", "a,b\r\nc"],
      ["日本", "🎬"],
      ['"', "x"],
    ]);
  });

  test("that differ in bytes only at the end of long texts stay apart", async () => {
    const long = "x".repeat(5000);
    const interactions = await read(`${long}a,1,1\n${long}b,1,2\n${long}a,2,3\n`);
    expect(interactions.users.toArray()).toEqual([`${long}a`, `${long}b`]);
    expect(interactions.matrix.offsets).toEqual(Uint32Array.of(0, 2, 3));
  });

  test("a byte order mark inside an id is part of it", async () => {
    expect((await read("a,\ufeffx,1\nb,x,1\n")).items.toArray()).toEqual(["\ufeffx", "x"]);
  });
});

describe("invalidRows", () => {
  const text = 'userId,itemId,rating\n1,2,3\nnew user,2,x\n1,9\n5,,1\n,7,1\n1,2,3,4\n1,3,1e99\n1,"4"5,6\n2,2,4\n7,8';

  test('"skip" leaves them out, counts them, and keeps no id of theirs', async () => {
    const interactions = await read(text, { invalidRows: "skip" });
    expect(interactions.skippedRows).toBe(8);
    expect([...interactions]).toEqual([
      { userId: 1, itemId: 2, value: 3 },
      { userId: 2, itemId: 2, value: 4 },
    ]);
    expect([interactions.users.toArray(), interactions.items.toArray()]).toEqual([[1, 2], [2]]);
  });

  test('"error" is the default', async () => {
    await expect(read(text)).rejects.toThrow('text line 3, column "rating"');
    expect((await read("1,2,3\n")).skippedRows).toBe(0);
  });

  test("an open quote is an error all the same: nobody knows what it swallowed", async () => {
    await expect(read('1,2,3\n4,"5,6\n', { invalidRows: "skip" })).rejects.toThrow("a quote must be closed");
  });
});

describe("options", () => {
  test("duplicates", async () => {
    const text = "1,2,3\n1,2,5\n";
    await expect(read(text)).rejects.toThrow("the first: user 1, item 2; to merge them choose duplicates");
    expect(await brief(text, { duplicates: "mean" })).toEqual(["1 2 4"]);
    expect(await brief("1,2,3\n01,2,5\n", { duplicates: "sum", ids: "number" })).toEqual(["1 2 8"]);
  });

  test.each<[object, string]>([
    [{ seperator: "," }, 'fromCsv: unknown option "seperator"; did you mean "separator"?'],
    [{ header: "yes" }, 'header must be true, false or "auto", got "yes"'],
    [{ ids: "int" }, 'ids must be "auto" | "string" | "number", got "int"'],
    [{ quotes: 1 }, "quotes must be true or false, got 1"],
    [{ invalidRows: "ignore" }, 'invalidRows must be "error" | "skip", got "ignore"'],
    [{ duplicates: "min" }, 'duplicates must be "error" | "last"'],
    [{ onProgress: 5 }, "onProgress must be a function, got 5"],
    [{ signal: {} }, "signal must be an AbortSignal, got an object"],
  ])("refuses %j", async (options, message) => {
    await expect(read("1,2\n", options)).rejects.toThrow(message);
  });

  test("onProgress tells bytes and rows, at the end all of them", async () => {
    const line = "123456,7654321,5\n";
    const text = Array.from({ length: 200_000 }, (_, row) => line.replace("123456", String(100_000 + row))).join("");
    const told: CsvProgress[] = [];
    await read(new TextEncoder().encode(text), { onProgress: (progress) => told.push(progress) });
    expect(told.length).toBeGreaterThan(2);
    expect(told.at(-1)).toEqual({ bytes: text.length, rows: 200_000, totalBytes: text.length });
    for (let at = 1; at < told.length; at++) expect(told[at]!.bytes).toBeGreaterThanOrEqual(told[at - 1]!.bytes);
  });

  test("an error in onProgress is the reader's error", async () => {
    const onProgress = () => {
      throw new Error("no progress");
    };
    await expect(read("1,2\n", { onProgress })).rejects.toThrow("no progress");
  });

  test("does not hold the event loop while it reads what is in memory", async () => {
    const lines = Array.from({ length: 600_000 }, (_, row) => `${row % 999},${Math.floor(row / 999)},${row % 5}\n`);
    const text = lines.join("");
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const begun = performance.now();
    await read(text);
    const milliseconds = performance.now() - begun;
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(Math.floor(milliseconds / 100));
    expect(turns).toBeGreaterThan(0);
  });
});
