import { describe, expect, test } from "vitest";
import { editDistance, nearestTexts } from "../../src/data/edit-distance.js";
import {
  checkBoolean,
  checkFinite,
  checkFraction,
  checkInteger,
  checkKnownOptions,
  checkNonNegative,
  checkOneOf,
  checkPositive,
  checkRange,
  checkSeed,
  describeValue,
} from "../../src/data/options.js";

describe("checkKnownOptions", () => {
  const check = (options: unknown) => () => checkKnownOptions("split", options, ["testFraction", "seed"]);

  test("lets known options pass", () => {
    expect(check({})).not.toThrow();
    expect(check({ seed: undefined, testFraction: "checked elsewhere" })).not.toThrow();
  });

  test("names a misspelt option and the one that was meant", () => {
    expect(check({ testFracton: 0.2 })).toThrow(
      new TypeError('split: unknown option "testFracton"; did you mean "testFraction"?'),
    );
    expect(check({ SEED: 1 })).toThrow('did you mean "seed"?');
  });

  test("lists the options where none is near", () => {
    expect(check({ colour: 1 })).toThrow('split: unknown option "colour"; options are testFraction, seed');
    expect(check({ constructor: 1 })).toThrow('unknown option "constructor"');
  });

  test.each([
    [null, "null"],
    [7, "7"],
    ["seed", '"seed"'],
    [[1], "an array of 1"],
    [() => 1, "a function"],
  ])("refuses %s for an object", (options, shown) => {
    expect(check(options)).toThrow(new TypeError(`split: options must be an object, got ${shown}`));
  });
});

describe("number checks", () => {
  test("give back what is in range", () => {
    expect(checkFraction("f", 0.5)).toBe(0.5);
    expect(checkInteger("n", 3, 1)).toBe(3);
    expect(checkInteger("n", 5, 1, 5)).toBe(5);
    expect(checkSeed(2 ** 53 - 1)).toBe(2 ** 53 - 1);
    expect(checkNonNegative("r", 0)).toBe(0);
    expect(checkPositive("r", 1e-300)).toBe(1e-300);
    expect(checkFinite("x", -4)).toBe(-4);
    expect(checkRange("x", 1, 0, 1)).toBe(1);
    expect(checkBoolean("b", false)).toBe(false);
    expect(checkOneOf("by", "time", ["time", "random"])).toBe("time");
  });

  test.each<[() => unknown, string, new (message: string) => Error]>([
    [() => checkFraction("testFraction", 2), "testFraction must be a number in (0, 1), got 2", RangeError],
    [() => checkFraction("testFraction", 0), "testFraction must be a number in (0, 1), got 0", RangeError],
    [() => checkFraction("testFraction", 1), "testFraction must be a number in (0, 1), got 1", RangeError],
    [() => checkFraction("testFraction", Number.NaN), "testFraction must be a number in (0, 1), got NaN", RangeError],
    [() => checkFraction("testFraction", "0.5"), 'testFraction must be a number in (0, 1), got "0.5"', TypeError],
    [() => checkInteger("factors", 0, 1), "factors must be a whole number ≥ 1, got 0", RangeError],
    [() => checkInteger("factors", 1.5, 1, 9), "factors must be a whole number in [1, 9], got 1.5", RangeError],
    [() => checkInteger("factors", 2 ** 53, 1), "factors must be a whole number ≥ 1, got 9007199254740992", RangeError],
    [() => checkInteger("factors", 3n, 1), "factors must be a whole number ≥ 1, got 3n", TypeError],
    [() => checkSeed(-1), "seed must be a whole number in [0, 2^53 − 1], got -1", RangeError],
    [() => checkSeed(2 ** 53), "seed must be a whole number in [0, 2^53 − 1], got 9007199254740992", RangeError],
    [() => checkSeed(null), "seed must be a whole number in [0, 2^53 − 1], got null", TypeError],
    [() => checkNonNegative("regularization", -1), "regularization must be a number ≥ 0, got -1", RangeError],
    [() => checkNonNegative("regularization", 1 / 0), "regularization must be a number ≥ 0, got Infinity", RangeError],
    [() => checkPositive("rate", 0), "rate must be a number > 0, got 0", RangeError],
    [() => checkFinite("at", new Date(0)), "at must be a finite number, got an object of class Date", TypeError],
    [() => checkRange("decay", 1.1, 0, 1), "decay must be a number in [0, 1], got 1.1", RangeError],
    [() => checkBoolean("quotes", 0), "quotes must be true or false, got 0", TypeError],
    [() => checkOneOf("by", "tim", ["time", "random"]), 'by must be "time" | "random", got "tim"', RangeError],
    [() => checkOneOf("by", 3, ["time", "random"]), 'by must be "time" | "random", got 3', TypeError],
  ])("%s", (check, message, kind) => {
    expect(check).toThrow(new kind(message));
    expect(check).toThrow(kind);
  });
});

test("describeValue is short and tells strings from numbers", () => {
  expect(["31", 31, -0, undefined, Symbol("x"), {}, Object.create(null)].map(describeValue)).toEqual([
    '"31"',
    "31",
    "-0",
    "undefined",
    "a symbol",
    "an object",
    "an object",
  ]);
  expect(describeValue("x".repeat(1000))).toBe(`"${"x".repeat(60)}…"`);
  expect(describeValue('a"b\n')).toBe('"a\\"b\\n"');
});

describe("edit distance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["flaw", "lawn", 2],
    ["same", "same", 0],
  ])("%j to %j is %i", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  test("stops at its limit", () => {
    expect(editDistance("kitten", "sitting", 3)).toBe(3);
    expect(editDistance("kitten", "sitting", 2)).toBe(3);
    expect(editDistance("a", "abcdefgh", 2)).toBe(3);
  });

  test("nearestTexts puts the nearest first and never more than asked", () => {
    const names = ["Alien 3", "Aliens", "Brazil", "Alien", "Alie"];
    expect(nearestTexts("alien", names, 3)).toEqual(["Alien", "Aliens", "Alie"]);
    expect(nearestTexts("alien", names, 1)).toEqual(["Alien"]);
    expect(nearestTexts("alien", names, 9)).toEqual(["Alien", "Aliens", "Alie", "Alien 3"]);
    expect(nearestTexts("c", ["a", "b"], 2)).toEqual([]);
    expect(nearestTexts("", ["a", "b"], 2)).toEqual([]);
  });
});
