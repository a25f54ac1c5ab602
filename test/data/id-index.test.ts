import { describe, expect, test } from "vitest";
import { type Id, IdIndex, IdIndexBuilder, indexMap } from "../../src/data/id-index.js";

const HOSTILE = ["__proto__", "constructor", "toString", "hasOwnProperty", "0", " ", "\u0000", "é", "e\u0301", "🎬"];

describe("IdIndex", () => {
  test("maps ids to indices and back, in order", () => {
    const index = IdIndex.from(["b", "a", "c"]);
    expect(index.size).toBe(3);
    expect(["a", "b", "c", "d"].map((id) => index.indexOf(id))).toEqual([1, 0, 2, -1]);
    expect([0, 1, 2].map((position) => index.idAt(position))).toEqual(["b", "a", "c"]);
    expect([...index]).toEqual(["b", "a", "c"]);
    expect(index.has("c")).toBe(true);
    expect(index.has("C")).toBe(false);
  });

  test("takes names of object properties, empty space and any Unicode for what they are", () => {
    const index = IdIndex.from(HOSTILE);
    expect(HOSTILE.map((id) => index.indexOf(id))).toEqual(HOSTILE.map((_, position) => position));
    expect(index.has("valueOf")).toBe(false);
    expect(IdIndex.from(["x"]).indexOf("__proto__")).toBe(-1);
  });

  test.each([-1, 3, 1.5, Number.NaN, "1x"])("has no id at %s", (position) => {
    const index = IdIndex.from(["b", "a", "c"]);
    const shown = typeof position === "string" ? `"${position}"` : String(position);
    expect(() => index.idAt(position as number)).toThrow(
      new RangeError(`index must be a whole number in [0, 3), got ${shown}`),
    );
  });

  test("its array is a copy", () => {
    const index = IdIndex.from([1, 2]);
    index.toArray().reverse();
    expect(index.toArray()).toEqual([1, 2]);
  });

  test.each<[unknown, string]>([
    ["", 'id 1: must be a non-empty string or a finite number, got ""'],
    [Number.NaN, "id 1: must be a non-empty string or a finite number, got NaN"],
    [-1 / 0, "id 1: must be a non-empty string or a finite number, got -Infinity"],
    [null, "id 1: must be a non-empty string or a finite number, got null"],
    [5n, "id 1: must be a non-empty string or a finite number, got 5n"],
    [true, "id 1: must be a non-empty string or a finite number, got true"],
    [["a"], "id 1: must be a non-empty string or a finite number, got an array of 1"],
    ["first", 'id 1: must be distinct, got "first" again'],
  ])("refuses %s", (id, message) => {
    expect(() => IdIndex.from(["first", id as Id])).toThrow(message);
  });

  test("may be empty", () => {
    const index = IdIndex.from([]);
    expect([index.size, index.indexOf("a"), index.indexOf(1)]).toEqual([0, -1, -1]);
  });

  test("0 and -0 are one id", () => {
    expect(Object.is(IdIndex.from([-0]).idAt(0), 0)).toBe(true);
    expect(IdIndex.from([0]).indexOf(-0)).toBe(0);
    expect(() => IdIndex.from([0, -0])).toThrow("must be distinct");
  });
});

describe("tolerant look-up", () => {
  test("numbers answer their own decimal text and no other", () => {
    const index = IdIndex.from([31, -2, 0.5, 1e21]);
    expect(["31", "-2", "0.5", "1e+21"].map((id) => index.indexOf(id))).toEqual([0, 1, 2, 3]);
    expect(["031", "31.0", " 31", "31 ", "+31", "0x1f", "1e21", "", "NaN", "-0"].filter((id) => index.has(id))).toEqual(
      [],
    );
  });

  test("strings answer the number they are the text of", () => {
    const index = IdIndex.from(["31", "031", "x"]);
    expect([index.indexOf(31), index.indexOf(0), index.indexOf(Number.NaN)]).toEqual([0, -1, -1]);
  });

  test('where both kinds are present, 31 and "31" are two ids', () => {
    const index = IdIndex.from([31, "31", 7, "8"]);
    expect([index.indexOf(31), index.indexOf("31"), index.indexOf("7"), index.indexOf(8)]).toEqual([0, 1, -1, -1]);
  });
});

describe("IdIndexBuilder", () => {
  test("gives indices in order of first appearance", () => {
    const builder = new IdIndexBuilder();
    expect(["x", 3, "x", 3, "y"].map((id) => builder.add(id))).toEqual([0, 1, 0, 1, 2]);
    expect(builder.finish().toArray()).toEqual(["x", 3, "y"]);
  });

  test("goes on in further maps when one is full", () => {
    const builder = new IdIndexBuilder(4);
    const added = Array.from({ length: 26 }, (_, row) => builder.add(row % 13));
    expect(added).toEqual(Array.from({ length: 26 }, (_, row) => row % 13));
    const index = builder.finish();
    expect([index.size, index.indexOf(0), index.indexOf(12), index.indexOf(13)]).toEqual([13, 0, 12, -1]);
  });
});

describe("nearest", () => {
  test("suggests ids that look alike", () => {
    expect(IdIndex.from(["Alien", "Aliens", "Brazil"]).nearest("Allien")).toEqual(["Alien", "Aliens"]);
    expect(IdIndex.from([1234, 99]).nearest("1243", 1)).toEqual([1234]);
    expect(IdIndex.from(["Alien"]).nearest("Brazil")).toEqual([]);
  });
});

describe("indexMap", () => {
  test("says where the ids of one index are in another", () => {
    const map = indexMap(IdIndex.from(["a", "b", "c"]), IdIndex.from(["c", "a", "d"]));
    expect(map).toEqual(Int32Array.of(1, -1, 0));
    expect(indexMap(IdIndex.from(["31", "32"]), IdIndex.from([32, 31]))).toEqual(Int32Array.of(1, 0));
  });

  test("is the identity for the same object", () => {
    const index = IdIndex.from(["a", "b", "c"]);
    expect(indexMap(index, index)).toEqual(Int32Array.of(0, 1, 2));
  });
});
