import { describe, expect, test } from "vitest";
import { openModel } from "../../src/storage/model-file.js";
import { both, changed, MIXED, refusal, say, TEXTS } from "./changed-files.js";
import { readAllOf } from "./model-parts.js";
import { rawFile } from "./raw-file.js";

test("untouched, both files are read", async () => {
  for (const file of [TEXTS, MIXED]) {
    const read = await readAllOf(changed(file, () => {}));
    expect([read.users.size, read.items.size, read.seen!.size]).toEqual([2, 3, 3]);
    expect([...read.seen!.columns]).toEqual([0, 1, 2]);
  }
});

describe("metadata", () => {
  test.each<[string, Uint8Array, string]>([
    ["none at all", rawFile("{}"), "it has no lowrank metadata"],
    ["another's", rawFile({ __metadata__: { format: "pt" } }), 'it has no lowrank metadata, its format is "pt"'],
    ["no version", rawFile({ __metadata__: { format: "lowrank" } }), "its metadata must have format_version"],
    ["version 0", changed(TEXTS, say("format_version", "0")), 'format_version must be a whole number ≥ 1, got "0"'],
    [
      "version 1.5",
      changed(TEXTS, say("format_version", "1.5")),
      'format_version must be a whole number ≥ 1, got "1.5"',
    ],
    ["no model", changed(TEXTS, say("model", "")), "its metadata must have model"],
    ["options that are no JSON", changed(TEXTS, say("options", "{a}")), 'options must be a JSON object, got "{a}"'],
    ["options in a list", changed(TEXTS, say("options", "[]")), 'options must be a JSON object, got "[]"'],
    ["an option twice", changed(TEXTS, say("options", '{"a":1,"a":2}')), "options must be a JSON object"],
    [
      "an option that is null",
      changed(TEXTS, say("options", '{"a":null}')),
      'option "a" must be a finite number, a string, true or false, got null',
    ],
    ["an option of 1e999", changed(TEXTS, say("options", '{"a":1e999}')), 'option "a" must be a finite number'],
    ["a parameter as text", changed(TEXTS, say("parameters", '{"a":"1"}')), 'parameter "a" must be a number, got "1"'],
    [
      "a parameter of NaN",
      changed(TEXTS, say("parameters", '{"a":"NaN"}')),
      'parameter "a" must be a number, got "NaN"',
    ],
    [
      "a parameter of 1e999",
      changed(TEXTS, say("parameters", '{"a":1e999}')),
      'parameter "a" must be a number, got Infinity',
    ],
    ["deep options", changed(TEXTS, say("options", `{"a":${"[".repeat(99)}`)), "options must be a JSON object"],
  ])("%s", async (_name, file, fault) => {
    expect(await refusal(file)).toContain(fault);
  });

  test("of a newer format says what to do, whatever else is in it", async () => {
    const newer = rawFile({ __metadata__: { format: "lowrank", format_version: "2" } });
    await expect(openModel(new File([newer], "m.safetensors"))).rejects.toThrow(
      new Error("m.safetensors was written by a newer lowrank (file format 2, this one reads 1); update the package"),
    );
  });

  test("cannot reach the prototype of anything", async () => {
    const text = '{"__proto__":1}';
    const read = await readAllOf(changed(TEXTS, both(say("options", text), say("parameters", text))));
    expect([Object.keys(read.options), Object.getPrototypeOf(read.parameters)]).toEqual([
      ["__proto__"],
      Object.prototype,
    ]);
  });
});
