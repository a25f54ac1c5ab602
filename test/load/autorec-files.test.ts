/** Files of AutoRec: what they hold, and what becomes of those that are not as they should be. */
import { beforeAll, describe, expect, test } from "vitest";
import { engine } from "../../src/engine/engine.js";
import { load } from "../../src/load.js";
import { AutoRec } from "../../src/models/autorec.js";
import type { AutoRecOptions } from "../../src/models/autorec-options.js";
import type { SaveOptions } from "../../src/models/model.js";
import { putTogether, type RawTensor, rawVector, takeApart } from "../storage/raw-file.js";
import { Mutations } from "./mutations.js";
import { fileOf, outcome, outcomes, ratingsBy } from "./outcomes.js";

const RATINGS = ratingsBy(
  (user) => `ü${user}`,
  (item) => item,
);

/** Four users' and five items' files; the last ones of few parts. */
const file = (options: Partial<AutoRecOptions>, save: SaveOptions = {}): Promise<Uint8Array> =>
  fileOf(new AutoRec({ hidden: 3, epochs: 3, ...options }), RATINGS, save);

const f32 = (...values: number[]): RawTensor => rawVector("F32", Float32Array.from(values));
const matrix = (rows: number, columns: number, value = 0.5): RawTensor => {
  const { bytes } = f32(...new Array(rows * columns).fill(value));
  return { dtype: "F32", shape: [rows, columns], bytes };
};

/** A file with some tensors and parameters replaced, or left out where they are undefined. */
function changed(
  bytes: Uint8Array,
  newTensors: Record<string, RawTensor | undefined>,
  newParameters: Record<string, unknown> = {},
  newOptions: Record<string, unknown> = {},
): Uint8Array {
  const { metadata, tensors } = takeApart(bytes);
  for (const [name, tensor] of Object.entries(newTensors)) {
    if (tensor) tensors.set(name, tensor);
    else tensors.delete(name);
  }
  const replaced = (text: string, values: Record<string, unknown>): string =>
    JSON.stringify({ ...JSON.parse(text), ...values });
  metadata.parameters = replaced(metadata.parameters!, newParameters);
  metadata.options = replaced(metadata.options!, newOptions);
  return putTogether(metadata, tensors);
}

async function refusalOf(bytes: Uint8Array): Promise<string> {
  const { bytesInUse } = engine().arena;
  const error = await load(bytes).then(
    (model) => {
      model.dispose();
      return new Error("loaded");
    },
    (reason: Error) => reason,
  );
  expect(engine().arena.bytesInUse).toBe(bytesInUse);
  return error.message.replace("bytes is not a valid model file: ", "");
}

let plain: Uint8Array;
beforeAll(async () => {
  plain = await file({});
});

describe("what a file holds", () => {
  test("the encoder and both its biases beside the scores, and what was taken off", async () => {
    const model = await new AutoRec({ hidden: 3, epochs: 3, orientation: "user" }).fit(RATINGS);
    const { tensors, metadata } = takeApart(model.toBytes());
    expect(tensors.get("encoder")!.shape).toEqual([4, 3]);
    expect(tensors.get("hidden_bias")!.shape).toEqual([3]);
    expect(tensors.get("input_bias")!.shape).toEqual([4]);
    const parameters = JSON.parse(metadata.parameters!);
    expect(parameters.centering_offset).toBe(Math.fround(RATINGS.mean));
    expect(parameters.centering_scale).toBeCloseTo(RATINGS.standardDeviation, 6);
    expect(JSON.parse(metadata.options!)).toEqual(model.options);
    model.dispose();
  });

  test("without users: no encoder of items, whose inputs they are; one of users, whose items are", async () => {
    const [ofItems, ofUsers] = await Promise.all(
      (["item", "user"] as const).map(async (orientation) => takeApart(await file({ orientation }, { users: false }))),
    );
    expect(["encoder", "input_bias"].map((name) => ofItems!.tensors.has(name))).toEqual([false, false]);
    expect(["encoder", "input_bias"].map((name) => ofUsers!.tensors.has(name))).toEqual([true, true]);
  });

  test.each([
    ["sigmoid", ["link_highest", "link_lowest"]],
    ["tanh", ["link_highest", "link_lowest"]],
    ["relu", ["link_lowest", "link_scale"]],
    ["identity", []],
  ] as const)("the numbers of its link: %s", async (outputActivation, names) => {
    const { metadata } = takeApart(await file({ outputActivation }));
    const parameters = Object.keys(JSON.parse(metadata.parameters!));
    expect(parameters.filter((name) => name.startsWith("link_")).toSorted()).toEqual(names);
  });
});

describe("what is refused", () => {
  test.each([
    ["encoder", undefined, 'it has no tensor "encoder"'],
    ["encoder", matrix(4, 3), "encoder must be 5 × 3, got 4 × 3"],
    ["encoder", matrix(5, 4), "encoder must be 5 × 3, got 5 × 4"],
    ["encoder", matrix(5, 3, Number.NaN), "encoder"],
    ["encoder", matrix(5, 3, 1.1e15), "encoder"],
    ["encoder", f32(1, 2, 3), "encoder"],
    ["hidden_bias", undefined, 'it has no tensor "hidden_bias"'],
    ["hidden_bias", f32(0, 0), "hidden_bias"],
    ["hidden_bias", f32(0, 0, 0, 0), "hidden_bias"],
    ["hidden_bias", f32(0, Infinity, 0), "hidden_bias"],
    ["hidden_bias", f32(0, Number.NaN, 0), "hidden_bias"],
    ["input_bias", undefined, 'it has no tensor "input_bias"'],
    ["input_bias", f32(0, 0, 0, 0), "input_bias"],
    ["input_bias", f32(0, 0, 0, 0, Number.NaN), "input_bias"],
    ["input_bias", f32(0, 0, 0, 0, 2e15), "input_bias must be within ±1000000000000000, got 1999999973982208"],
  ] as const)("a file whose %s is bad: %#", async (name, tensor, message) => {
    expect(await refusalOf(changed(plain, { [name]: tensor }))).toContain(message);
  });

  test.each([
    ["identity", "centering_offset", "NaN"],
    ["identity", "centering_offset", 2e15],
    ["identity", "centering_offset", "-Infinity"],
    ["identity", "centering_offset", null],
    ["identity", "centering_scale", 0],
    ["identity", "centering_scale", -1],
    ["identity", "centering_scale", "Infinity"],
    ["identity", "centering_scale", 2e15],
    ["sigmoid", "link_lowest", 2e15],
    ["sigmoid", "link_lowest", 100],
    ["sigmoid", "link_highest", -100],
    ["tanh", "link_highest", "Infinity"],
    ["tanh", "link_lowest", "NaN"],
    ["relu", "link_scale", 0],
    ["relu", "link_scale", -2],
    ["relu", "link_lowest", "Infinity"],
  ] as const)("with outputs by %s a %s of %s", async (outputActivation, name, value) => {
    const bytes = changed(await file({ outputActivation }), {}, { [name]: value });
    expect(await refusalOf(bytes)).toMatch(/offset|scale|lowest|highest|parameters/);
    expect(await outcome(bytes)).toBe("refused");
  });

  test.each([
    ["hidden", 4, "item_factors must have 4 columns, got 3"],
    ["orientation", "user", "encoder must be 4 × 3, got 5 × 3"],
    ["outputActivation", "sigmoid", "link_lowest"],
    ["hidden", 0, "hidden must be a whole number in [1, 4096], got 0"],
    ["activation", "step", 'activation must be "identity" | "sigmoid" | "tanh" | "relu", got "step"'],
  ])("the option %s of %o", async (name, value, message) => {
    expect(await refusalOf(changed(plain, {}, {}, { [name]: value }))).toContain(message);
  });
});

test("numbers at the ends of what a file may hold: answers, or errors that say so", async () => {
  for (const activation of ["identity", "relu", "sigmoid"] as const) {
    const bytes = await file({ activation });
    for (const value of [1e15, -1e15, 1e-45]) {
      expect(await outcome(changed(bytes, { encoder: matrix(5, 3, value) }))).toBe("answered");
      expect(await outcome(changed(bytes, { hidden_bias: f32(value, value, value) }))).toBe("answered");
      expect(
        await outcome(changed(bytes, { encoder: matrix(5, 3, value), hidden_bias: f32(value, -value, 3e38) })),
      ).toBe("answered");
      const most = { centering_offset: value, centering_scale: 1e-45 };
      expect(await outcome(changed(bytes, { encoder: matrix(5, 3, value) }, most))).toBe("answered");
    }
  }
});

test("3,000 changed files: refused, or a model that answers, at constant memory", async () => {
  const files = [
    plain,
    await file({ orientation: "user", outputActivation: "sigmoid" }),
    await file({ outputActivation: "relu", activation: "relu" }, { float16: true }),
    await file({ outputActivation: "tanh", activation: "identity", centering: "none", clip: false }),
    await file({ orientation: "user", hidden: 33 }, { users: false }),
    await file({ clip: false }, { users: false }),
  ];
  expect(await outcomes(files)).toEqual({ counts: { answered: files.length }, culprit: undefined });
  const { arena } = engine();
  await outcomes(new Mutations(files, 3).take(100));
  const { bytesInUse } = arena;
  const { counts, culprit } = await outcomes(new Mutations(files, 4).take(3000));
  expect({ culprit, outcomes: Object.keys(counts).toSorted() }).toEqual({
    culprit: undefined,
    outcomes: ["answered", "newer", "refused"],
  });
  expect(arena.bytesInUse).toBe(bytesInUse);
  expect(counts.answered).toBeGreaterThan(300);
  expect(counts.refused).toBeGreaterThan(1000);
});
