/** Whatever is in a file: an error that says so, or a model that answers. */
import { beforeAll, describe, expect, test } from "vitest";
import { engine } from "../../src/engine/engine.js";
import type { LoadedModel } from "../../src/load.js";
import { BiasModel } from "../../src/models/bias-model.js";
import { GlobalMean } from "../../src/models/global-mean.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import { putTogether, rawVector, takeApart } from "../storage/raw-file.js";
import { Mutations } from "./mutations.js";
import { fileOf, outcome, outcomes, ratingsBy } from "./outcomes.js";

const factorization = (): LoadedModel => new MatrixFactorization({ factors: 3, epochs: 5 });

/** Small valid files of every kind. */
async function validFiles(): Promise<Uint8Array[]> {
  const byNumbers = ratingsBy(
    (user) => user * 10,
    (item) => item + 0.5,
  );
  const byNames = ratingsBy(
    (user) => `ü${user}`,
    (item) => item,
  );
  const mixed = ratingsBy(
    (user) => (user % 2 === 0 ? user : `u${user}`),
    (item) => `i${item}`,
  );
  return [
    await fileOf(factorization(), byNames),
    await fileOf(factorization(), mixed, { float16: true }),
    await fileOf(new MatrixFactorization({ factors: 4, regularization: 0, damping: 0, clip: false }), byNumbers),
    await fileOf(factorization(), byNumbers, { users: false }),
    await fileOf(new BiasModel(), byNumbers, { seen: false }),
    await fileOf(new GlobalMean(), byNames),
  ];
}

describe("load", () => {
  let files: Uint8Array[];
  beforeAll(async () => {
    files = await validFiles();
  });

  test("takes the files as they are", async () => {
    expect(await outcomes(files)).toEqual({ counts: { answered: files.length }, culprit: undefined });
  });

  test("refuses every beginning of a file, and every file that goes on", async () => {
    for (const file of files.slice(0, 2)) {
      const beginnings = Array.from({ length: file.length }, (_, length) => file.subarray(0, length));
      expect((await outcomes(beginnings)).counts).toEqual({ refused: file.length });
      expect(await outcome(Uint8Array.of(...file, 0))).toBe("refused");
    }
  });

  test("10,000 changed files: refused, or a model that answers, at constant memory", async () => {
    const { arena } = engine();
    await outcomes(new Mutations(files, 1).take(200));
    const { bytesInUse } = arena;
    const { counts, culprit } = await outcomes(new Mutations(files, 2).take(10_000));
    expect(arena.bytesInUse).toBe(bytesInUse);
    expect(arena.capacity).toBeLessThan(16 * 2 ** 20);
    expect({ culprit, outcomes: Object.keys(counts).toSorted() }).toEqual({
      culprit: undefined,
      outcomes: ["answered", "newer", "refused"],
    });
    expect(counts.answered).toBeGreaterThan(1500);
    expect(counts.refused).toBeGreaterThan(4000);
  });

  test("takes no memory that the file's size does not bear out", async () => {
    const { metadata, tensors } = takeApart(files[2]!);
    const numUsers = 50_000;
    tensors.set(
      "user_ids",
      rawVector(
        "F64",
        Float64Array.from({ length: numUsers }, (_, user) => user),
      ),
    );
    tensors.set("item_ids", rawVector("F64", new Float64Array(0)));
    const empty = new Uint8Array(0);
    const before = engine().arena.bytesInUse;
    for (const columns of [300_000, 4096]) {
      for (const userColumns of [0, columns]) {
        tensors.set("item_factors", { dtype: "F32", shape: [0, columns], bytes: empty });
        tensors.set("user_factors", {
          dtype: "F32",
          shape: [userColumns === 0 ? numUsers : 0, userColumns],
          bytes: empty,
        });
        expect(await outcome(putTogether(metadata, tensors))).toBe("refused");
      }
    }
    expect(engine().arena.bytesInUse).toBe(before);
    expect(engine().arena.capacity).toBeLessThan(16 * 2 ** 20);
  });
});
