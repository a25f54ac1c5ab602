import { describe, expect, test } from "vitest";
import type { OptimizerName } from "../../src/models/optimizers.js";
import { EXPECTED_FIT_HASHES, fitHash } from "./golden.js";

describe.each(Object.keys(EXPECTED_FIT_HASHES) as OptimizerName[])("%s", (optimizer) => {
  test.each([1, 2, 3, 5, 7])("a fit on %i threads has the bits it has everywhere", async (threads) => {
    expect(await fitHash(optimizer, threads)).toBe(EXPECTED_FIT_HASHES[optimizer]);
  });
});
