import { describe, expect, test } from "vitest";
import { parseDate } from "../../src/data/csv/parse-date.js";
import { parseNumber } from "../../src/data/csv/parse-number.js";
import { RandomPurpose, RandomStream } from "../../src/data/random.js";

const encoder = new TextEncoder();

/** With other bytes around it, which must not matter. */
function numberOf(text: string): number {
  const bytes = encoder.encode(`-1${text}9.5`);
  return parseNumber(bytes, 2, bytes.length - 3);
}

function dateOf(text: string): number {
  const bytes = encoder.encode(`1${text}0`);
  return parseDate(bytes, 1, bytes.length - 1);
}

describe("parseNumber", () => {
  test.each([
    "0",
    "-0",
    "+0",
    "7",
    "-7",
    "+7",
    "4.5",
    "5.",
    ".5",
    "-.5",
    "007",
    "1e3",
    "1E-3",
    "-1.5e+10",
    "0x1f",
    "0b11",
    " 2.5",
    "2.5\t",
    "1e400",
    "-1e400",
    "Infinity",
    "-Infinity",
    "+Infinity",
    "9007199254740993",
    "0.1",
    "0.30000000000000004",
    "123456789012345",
    "1234567890123456",
    "0.000000000000001",
    "0.0000000000000001",
    "999999999999999.9",
    "1.7976931348623157e308",
    "5e-324",
    "2.2250738585072011e-308",
    "\u00a04",
    "1e23",
    "8.41e21",
    "9.5367431640625e-07",
  ])("%j is what Number makes of it", (text) => {
    expect(numberOf(text)).toBe(Number(text));
    expect(Object.is(numberOf(text), Number(text))).toBe(true);
  });

  test.each([
    "",
    " ",
    "\t",
    "\u00a0",
    ".",
    "-",
    "+",
    "+-1",
    "--1",
    "1-",
    "1.2.3",
    "1,5",
    "1_000",
    "abc",
    "NaN",
    "1e",
    "e5",
    "1 2",
    "٣",
    "½",
    "0x",
    "1n",
    "1f",
    "$5",
    "5%",
  ])("%j is no number", (text) => {
    expect(numberOf(text)).toBeNaN();
  });

  test("equals Number bit for bit on random decimals of every length", () => {
    const random = new RandomStream(3, RandomPurpose.synthetic);
    const digits = (count: number) => Array.from({ length: count }, () => random.nextBelow(10)).join("");
    for (let round = 0; round < 20_000; round++) {
      const sign = ["", "-", "+"][random.nextBelow(3)]!;
      const text = `${sign}${digits(random.nextBelow(12))}${["", "."][random.nextBelow(2)]}${digits(random.nextBelow(14))}`;
      const exponent = random.nextBelow(5) === 0 ? `e${random.nextBelow(80) - 40}` : "";
      const expected = text.length === 0 ? Number.NaN : Number(text + exponent);
      if (!Object.is(numberOf(text + exponent), expected) && text + exponent !== "") {
        expect(`${text}${exponent} → ${numberOf(text + exponent)}`).toBe(`${text}${exponent} → ${expected}`);
      }
    }
  });

  test("equals Number on what String writes of random doubles", () => {
    const random = new RandomStream(5, RandomPurpose.synthetic);
    const words = new Uint32Array(2);
    const double = new Float64Array(words.buffer);
    for (let round = 0; round < 20_000; round++) {
      words[0] = random.nextUint32();
      words[1] = random.nextUint32();
      if (Number.isNaN(double[0])) continue;
      expect(numberOf(String(double[0]))).toBe(double[0]);
    }
  });
});

describe("parseDate", () => {
  test.each<[string, string]>([
    ["2020-01-02", "2020-01-02T00:00:00.000Z"],
    ["1970-01-01", "1970-01-01T00:00:00.000Z"],
    ["1969-12-31T23:59:59", "1969-12-31T23:59:59.000Z"],
    ["2020-02-29", "2020-02-29T00:00:00.000Z"],
    ["2000-02-29", "2000-02-29T00:00:00.000Z"],
    ["2020-01-02T03:04", "2020-01-02T03:04:00.000Z"],
    ["2020-01-02 03:04:05", "2020-01-02T03:04:05.000Z"],
    ["2020-01-02T03:04:05Z", "2020-01-02T03:04:05.000Z"],
    ["2020-01-02t03:04:05.6z", "2020-01-02T03:04:05.600Z"],
    ["2020-01-02T03:04:05.678912345Z", "2020-01-02T03:04:05.678Z"],
    ["2020-01-02T03:04:05+02:00", "2020-01-02T01:04:05.000Z"],
    ["2020-01-02T03:04:05.007-0130", "2020-01-02T04:34:05.007Z"],
    ["0100-01-01", "0100-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("%s is %s", (text, iso) => {
    expect(dateOf(text)).toBe(new Date(iso).getTime());
  });

  test.each([
    "",
    "2020",
    "2020-1-2",
    "2020-13-01",
    "2020-00-10",
    "2020-04-31",
    "2019-02-29",
    "1900-02-29",
    "2020-01-00",
    "2020-01-02T",
    "2020-01-02T24:00",
    "2020-01-02T03:60",
    "2020-01-02T03:04:60",
    "2020-01-02T03",
    "2020-01-02T03:04:05.",
    "2020-01-02T03:04:05X",
    "2020-01-02T03:04:05+2",
    "2020-01-02T03:04Zx",
    "02/01/2020",
    "2020/01/02",
    "0099-01-01",
    " 2020-01-02",
    "2020-01-02 ",
    "+2020-01-02",
    "2020-01-02T03:04:05+24:00",
    "2020-01-02X03:04",
    "2020-01-02T03:04:05.6x",
  ])("%j is no date", (text) => {
    expect(dateOf(text)).toBeNaN();
  });

  test("agrees with Date on every day of four hundred years", () => {
    for (let day = -100_000; day < 46_097; day += 1) {
      const date = new Date(day * 86_400_000);
      if (dateOf(date.toISOString()) !== date.getTime()) expect(date.toISOString()).toBe("read otherwise");
    }
  });
});
