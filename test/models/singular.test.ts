/** Without regularisation a short history does not determine the factors: that is told, by the name of whoever it is. */
import { expect, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { engine } from "../../src/engine/engine.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import { predictionsOf, SMALL } from "./ratings.js";

const FREE = { factors: 4, epochs: 2, regularization: 0, damping: 0, biasRegularization: 0, biasDamping: 0 };
const UNDETERMINED = "do not determine the factors; fit with regularization or damping above 0";

test.each([
  ["user", { userId: "carol", itemId: 3, value: 4 }, 'user "carol"'],
  ["item", { userId: 3, itemId: "Arrival", value: 4 }, 'item "Arrival"'],
])("partialFit names the %s, and leaves the model as it was", async (_, interaction, who) => {
  const model = await new MatrixFactorization(FREE).fit(SMALL);
  const before = predictionsOf(model, SMALL);
  const { bytesInUse } = engine().arena;
  await expect(model.partialFit(Interactions.fromObjects([interaction]))).rejects.toThrow(
    new Error(`partialFit: the interactions of ${who} ${UNDETERMINED}`),
  );
  expect(predictionsOf(model, SMALL)).toEqual(before);
  expect(model.users.has("carol") || model.items.has("Arrival")).toBe(false);
  expect(engine().arena.bytesInUse).toBe(bytesInUse);
  model.dispose();
});

test("toBytes takes no signal: it is done before one could be heard", async () => {
  const model = await new MatrixFactorization({ factors: 2, epochs: 1 }).fit(SMALL);
  expect(() => model.toBytes({ signal: AbortSignal.abort() } as never)).toThrow(/^save: unknown option "signal"/);
  model.dispose();
});
