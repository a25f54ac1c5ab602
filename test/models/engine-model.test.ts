/** What a model holds beside its scores comes and goes with them: through fits, partial fits, files, and their failures. */
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { engine } from "../../src/engine/engine.js";
import { openModel } from "../../src/storage/model-file.js";
import { putTogether, takeApart } from "../storage/raw-file.js";
import { predictionsOf, SMALL } from "./ratings.js";
import { ToyModel } from "./toy-model.js";

const MORE = Interactions.fromObjects([
  { userId: 1, itemId: "new", value: 4 },
  { userId: "new", itemId: 2, value: 9 },
]);

let bytesBefore: number;
beforeEach(() => {
  bytesBefore = engine().arena.bytesInUse;
});

async function fitted(): Promise<ToyModel> {
  const model = new ToyModel();
  onTestFinished(() => model.dispose());
  return model.fit(SMALL);
}

async function restored(bytes: Uint8Array, users = true): Promise<ToyModel> {
  const model = new ToyModel();
  onTestFinished(() => model.dispose());
  await model.restore(await openModel(bytes), { users });
  return model;
}

const inUse = (): number => engine().arena.bytesInUse - bytesBefore;

describe("a fit", () => {
  test("is taken with all that the model holds, which goes when it is disposed of", async () => {
    const model = await fitted();
    const { encoder } = model;
    expect([encoder.rows, encoder.columns, encoder.row(1)[0]]).toEqual([40, 2, Math.fround(0.06)]);
    const tables = (60 + 2 * 40) * 4 * 4;
    expect(inUse()).toBeGreaterThan(tables);
    model.dispose();
    expect(inUse()).toBe(0);
  });

  test("that fails leaves nothing behind, and the model as it was", async () => {
    const model = await fitted();
    const before = [inUse(), predictionsOf(model, SMALL)];
    model.failure = "fit";
    await expect(model.fit(SMALL)).rejects.toThrow("no luck");
    expect([inUse(), predictionsOf(model, SMALL)]).toEqual(before);
  });
});

describe("a partial fit", () => {
  test("grows all of it, and frees what was", async () => {
    const model = await fitted();
    const size = inUse();
    const kept = model.encoder.values.slice();
    await model.partialFit(MORE);
    expect(model.encoder.rows).toBe(41);
    expect(model.encoder.values.subarray(0, kept.length)).toEqual(kept);
    expect(inUse()).toBeLessThan(size + 1000);
    expect(model.link.named).toEqual({ link_lowest: SMALL.minimum, link_highest: SMALL.maximum }); // what it was trained by
    expect(model.range).toEqual([SMALL.minimum, 9]);
    model.dispose();
    expect(inUse()).toBe(0);
  });

  test("that fails leaves nothing behind, and the model as it was", async () => {
    const model = await fitted();
    const before = [inUse(), predictionsOf(model, SMALL)];
    model.failure = "grow";
    await expect(model.partialFit(MORE)).rejects.toThrow("no luck");
    expect([inUse(), predictionsOf(model, SMALL)]).toEqual(before);
  });

  test("of a model that is fitted or disposed of meanwhile is not taken", async () => {
    const model = await fitted();
    const size = inUse();
    model.pause = () => model.fit(SMALL);
    await expect(model.partialFit(MORE)).rejects.toThrow("the model was fitted while partialFit was at work");
    expect(inUse()).toBe(size);
    model.pause = async () => {
      model.dispose();
      expect(inUse()).toBeGreaterThan(size); // still read
    };
    await expect(model.partialFit(MORE)).rejects.toThrow("the model has been disposed");
    expect(inUse()).toBe(0);
  });
});

describe("a file", () => {
  test("has all of it", async () => {
    const model = await fitted();
    const bytes = model.toBytes();
    const again = await restored(bytes);
    expect(again.encoder.values).toEqual(model.encoder.values);
    expect(again.toBytes()).toEqual(bytes);
    const visitors = await restored(bytes, false);
    const history = [{ itemId: 3, value: 4 }];
    expect(visitors.recommend(visitors.foldIn(history))).toEqual(model.recommend(model.foldIn(history)));
    await model.partialFit(MORE);
    await again.partialFit(MORE);
    expect(again.toBytes()).toEqual(model.toBytes());
  });

  test("that lacks some of it is refused, and leaves nothing behind", async () => {
    const model = await fitted();
    const bytes = model.toBytes();
    const size = inUse();
    for (const missing of ["encoder", "encoder_bias"]) {
      const { metadata, tensors } = takeApart(bytes);
      tensors.delete(missing);
      const again = new ToyModel();
      const file = await openModel(putTogether(metadata, tensors));
      await expect(again.restore(file, { users: true })).rejects.toThrow(`bytes is not a valid model file: `);
      expect(inUse()).toBe(size);
    }
  });

  test("of a link that cannot be is refused", async () => {
    const { metadata, tensors } = takeApart((await fitted()).toBytes());
    const size = inUse();
    const parameters = JSON.parse(metadata.parameters!);
    for (const [changed, fault] of [
      [{ link_lowest: 6 }, "its link is not valid: highest must be a number in [6, 1000000000000000], got 5"],
      [{ link_highest: 2e15 }, "link_highest must be within ±1000000000000000, got 2000000000000000"],
      [{ link_highest: undefined }, "it has no parameter link_highest"],
    ] as const) {
      const changedMetadata = { ...metadata, parameters: JSON.stringify({ ...parameters, ...changed }) };
      const again = new ToyModel();
      const file = await openModel(putTogether(changedMetadata, tensors));
      await expect(again.restore(file, { users: true })).rejects.toThrow(`bytes is not a valid model file: ${fault}`);
      expect(inUse()).toBe(size);
    }
  });

  test("is not of numbers beyond what scores may have", async () => {
    const model = new ToyModel({ rate: 1e15 + 1 });
    onTestFinished(() => model.dispose());
    await model.fit(SMALL);
    expect(() => model.toBytes()).toThrow("a model must be of values within ±1000000000000000 to be saved");
  });
});
