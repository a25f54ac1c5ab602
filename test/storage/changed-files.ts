/** Files that keep the rules of safetensors and break those of a model file. */
import { expect } from "vitest";
import { encodeModel } from "../../src/storage/encode-model.js";
import { modelFileBytes } from "../../src/storage/model-sink.js";
import { exampleParts, readAllOf } from "./model-parts.js";
import { putTogether, type RawTensor, rawVector, takeApart } from "./raw-file.js";

/** 2 users, 3 items; seen: user 0 has items 0, 1, 2 and user 1 none. */
export const TEXTS = modelFileBytes(encodeModel(exampleParts({ users: ["a", "bé"], items: [1, 2, 3], factors: 2 })));
export const MIXED = modelFileBytes(encodeModel(exampleParts({ users: ["a", 22], items: [1, 2, 3], factors: 2 })));

export type Change = (tensors: Map<string, RawTensor>, metadata: Record<string, string>) => void;

export function changed(file: Uint8Array, change: Change): Uint8Array<ArrayBuffer> {
  const { metadata, tensors } = takeApart(file);
  change(tensors, metadata);
  return putTogether(metadata, tensors);
}

export const set =
  (name: string, dtype: string, array: ArrayLike<unknown> & ArrayBufferView): Change =>
  (tensors) =>
    void tensors.set(name, rawVector(dtype, array));

export const drop =
  (name: string): Change =>
  (tensors) =>
    void tensors.delete(name);

export const say =
  (key: string, text: string): Change =>
  (_tensors, metadata) => {
    metadata[key] = text;
  };

export const both =
  (first: Change, second: Change): Change =>
  (tensors, metadata) => {
    first(tensors, metadata);
    second(tensors, metadata);
  };

export const longs = (...numbers: number[]) => BigInt64Array.from(numbers, BigInt);
export const utf8 = (text: string) => new TextEncoder().encode(text);

/** What is wrong with a file, by the error of the one form that reading it ends in. */
export async function refusal(bytes: Uint8Array): Promise<string> {
  const error: unknown = await readAllOf(bytes).then(
    () => "it was read",
    (thrown) => thrown,
  );
  expect((error as Error).constructor).toBe(Error);
  const [, fault] = /^bytes is not a valid model file: (.*)$/.exec((error as Error).message) ?? [];
  return fault ?? String(error);
}
