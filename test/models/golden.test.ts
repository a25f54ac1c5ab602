import { describe, expect, test } from "vitest";
import type { OptimizerName } from "../../src/models/optimizers.js";
import {
  type AlternatingName,
  type AutoencoderName,
  alternatingHash,
  autoencoderHash,
  EXPECTED_ALTERNATING_HASHES,
  EXPECTED_AUTOENCODER_HASHES,
  EXPECTED_FIT_HASHES,
  EXPECTED_SERVING_HASH,
  fitHash,
  servingHash,
} from "./golden.js";
import { onThreads } from "./on-threads.js";

onThreads();

describe.each(Object.keys(EXPECTED_FIT_HASHES) as OptimizerName[])("%s", (optimizer) => {
  test.each([1, 2, 3, 5, 7])("a fit on %i threads has the bits it has everywhere", async (threads) => {
    expect(await fitHash(optimizer, threads)).toBe(EXPECTED_FIT_HASHES[optimizer]);
  });
});

describe.each(Object.keys(EXPECTED_ALTERNATING_HASHES) as AlternatingName[])("alternating: %s", (name) => {
  test.each([1, 2, 3, 5, 7])("a fit on %i threads has the bits it has everywhere", async (threads) => {
    expect(await alternatingHash(name, threads)).toBe(EXPECTED_ALTERNATING_HASHES[name]);
  });
});

describe.each(Object.keys(EXPECTED_AUTOENCODER_HASHES) as AutoencoderName[])("an autoencoder of %s", (name) => {
  test.each([1, 2, 3, 5, 7])("a fit on %i threads has the bits it has everywhere", async (threads) => {
    expect({ [name]: await autoencoderHash(name, threads) }).toEqual({ [name]: EXPECTED_AUTOENCODER_HASHES[name] });
  });
});

test.each([1, 2, 3, 5, 7])("answers on %i threads have the bits they have everywhere", async (threads) => {
  expect(await servingHash(threads)).toBe(EXPECTED_SERVING_HASH);
});
