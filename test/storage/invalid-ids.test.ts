import { describe, expect, test } from "vitest";
import { both, type Change, changed, drop, longs, MIXED, refusal, set, TEXTS, utf8 } from "./changed-files.js";

describe("ids", () => {
  test.each<[string, Uint8Array, Change, string]>([
    ["no item ids", TEXTS, drop("item_ids"), "it has no item_ids"],
    ["ids of f32", TEXTS, set("item_ids", "F32", Float32Array.of(1, 2, 3)), "item_ids must be I64 or F64, got F32"],
    [
      "ids in two dimensions",
      TEXTS,
      (all) => void all.get("item_ids")!.shape.push(1),
      "item_ids must have 1 dimension, got 2",
    ],
    ["an id twice", TEXTS, set("item_ids", "I64", longs(1, 2, 1)), "item_ids: id 2: must be distinct, got 1 again"],
    [
      "an id of 2^53",
      TEXTS,
      set("item_ids", "I64", longs(1, 2 ** 53, 3)),
      "item_ids[1] must be within ±(2^53 − 1), got about 9007199254740992",
    ],
    [
      "an id of −2^63",
      TEXTS,
      set("item_ids", "I64", longs(1, 2, -(2 ** 63))),
      "item_ids[2] must be within ±(2^53 − 1)",
    ],
    [
      "an id of NaN",
      TEXTS,
      set("item_ids", "F64", Float64Array.of(1, Number.NaN, 3)),
      "item_ids: id 1: must be a non-empty string or a finite number, got NaN",
    ],
    ["ids in both forms", TEXTS, set("user_ids", "I64", longs(1, 2)), "it has both user_ids and user_ids.utf8"],
    ["ids without offsets", TEXTS, drop("user_ids.offsets"), 'it has no tensor "user_ids.offsets"'],
    [
      "ids with no offset",
      TEXTS,
      set("user_ids.offsets", "I64", longs()),
      "user_ids.offsets must have a length ≥ 1, got 0",
    ],
    [
      "ids from byte 1",
      TEXTS,
      set("user_ids.offsets", "I64", longs(1, 1, 4)),
      "user_ids.offsets must begin with 0 and end with 4, got 1 and 4",
    ],
    [
      "ids to byte 3",
      TEXTS,
      set("user_ids.offsets", "I64", longs(0, 1, 3)),
      "user_ids.offsets must begin with 0 and end with 4, got 0 and 3",
    ],
    [
      "ids beyond the bytes",
      TEXTS,
      set("user_ids.offsets", "I64", longs(0, 5, 4)),
      "user_ids.offsets[1] must be a whole number in [0, 4], got 5",
    ],
    [
      "ids below 0",
      TEXTS,
      set("user_ids.offsets", "I64", longs(0, -1, 4)),
      "user_ids.offsets[1] must be a whole number in [0, 4], got -1",
    ],
    [
      "ids backwards",
      TEXTS,
      set("user_ids.offsets", "U32", Uint32Array.of(0, 3, 1, 4)),
      "user_ids.offsets must never fall, got 3 and then 1 at 1",
    ],
    [
      "an empty id",
      TEXTS,
      set("user_ids.offsets", "I64", longs(0, 0, 4)),
      'user_ids: id 0: must be a non-empty string or a finite number, got ""',
    ],
    [
      "an id cut in a letter",
      TEXTS,
      set("user_ids.offsets", "I64", longs(0, 3, 4)),
      "user_ids.utf8: id 0 is not valid UTF-8",
    ],
    [
      "text twice",
      TEXTS,
      both(set("user_ids.utf8", "U8", utf8("abab")), set("user_ids.offsets", "I64", longs(0, 2, 4))),
      'user_ids: id 1: must be distinct, got "ab" again',
    ],
    [
      "half a surrogate",
      TEXTS,
      set("user_ids.utf8", "U8", Uint8Array.of(0x61, 0xed, 0xa0, 0x80)),
      "user_ids.utf8: id 1 is not valid UTF-8",
    ],
    [
      "marks too few",
      MIXED,
      set("user_ids.is_number", "U8", Uint8Array.of(1)),
      "user_ids.is_number must have length 2, got 1",
    ],
    [
      "marks of another kind",
      MIXED,
      set("user_ids.is_number", "BOOL", Uint8Array.of(0, 1)),
      "user_ids.is_number must be U8, got BOOL",
    ],
    [
      "a mark of 2",
      MIXED,
      set("user_ids.is_number", "U8", Uint8Array.of(0, 2)),
      "user_ids.is_number[1] must be 0 or 1, got 2",
    ],
    [
      "a number that is none",
      MIXED,
      set("user_ids.is_number", "U8", Uint8Array.of(1, 1)),
      'user_ids.utf8: id 0 must be a number as text, got "a"',
    ],
    [
      "a number in another spelling",
      MIXED,
      set("user_ids.utf8", "U8", utf8("a 2")),
      'user_ids.utf8: id 1 must be a number as text, got " 2"',
    ],
    [
      "a number NaN",
      MIXED,
      both(set("user_ids.utf8", "U8", utf8("aNaN")), set("user_ids.offsets", "I64", longs(0, 1, 4))),
      "user_ids: id 1: must be a non-empty string or a finite number, got NaN",
    ],
  ])("%s", async (_name, file, change, fault) => {
    expect(await refusal(changed(file, change))).toContain(fault);
  });
});
