/** A history too short for the factors has a solution all the same; one that leaves f32 is told, by the name of whoever it is. */
import { expect, onTestFinished, test } from "vitest";
import { Interactions } from "../../src/data/interactions.js";
import { engine } from "../../src/engine/engine.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import { predictionsOf, SMALL } from "./ratings.js";

const FREE = { factors: 4, epochs: 2, regularization: 0, damping: 0, biasRegularization: 0, biasDamping: 0 };
const UNSOLVABLE =
  "have no solution in single precision; fit with more regularization or damping, or bring the values nearer to 1";

test("without regularisation, one interaction is fitted by the least that fits it", async () => {
  const model = await new MatrixFactorization(FREE).fit(SMALL);
  onTestFinished(() => model.dispose());
  await model.partialFit(Interactions.fromObjects([{ userId: "carol", itemId: 3, value: 4 }]));
  expect(model.predict("carol", 3)).toBeCloseTo(4, 1);
  expect(Math.hypot(...model.userFactors.row(model.users.indexOf("carol")))).toBeLessThan(10);
});

test.each([
  ["user", { userId: "carol", itemId: 3, value: 1e35 }, 'user "carol"'],
  ["item", { userId: 3, itemId: "Arrival", value: 1e35 }, /user 3|item "Arrival"/],
])("partialFit names the %s, and leaves the model as it was", async (_, interaction, who) => {
  const model = await new MatrixFactorization(FREE).fit(SMALL);
  onTestFinished(() => model.dispose());
  const before = predictionsOf(model, SMALL);
  const { bytesInUse } = engine().arena;
  const error: Error = await model.partialFit(Interactions.fromObjects([interaction])).then(
    () => expect.unreachable("it was solved"),
    (reason) => reason,
  );
  const [, name, rest] = error.message.match(/^partialFit: the interactions of (.+?) (have .+)$/)!;
  expect(name).toMatch(who);
  expect(rest).toBe(UNSOLVABLE);
  expect(predictionsOf(model, SMALL)).toEqual(before);
  expect(model.users.has("carol") || model.items.has("Arrival")).toBe(false);
  expect(engine().arena.bytesInUse).toBe(bytesInUse);
});

test("toBytes takes no signal: it is done before one could be heard", async () => {
  const model = await new MatrixFactorization({ factors: 2, epochs: 1 }).fit(SMALL);
  expect(() => model.toBytes({ signal: AbortSignal.abort() } as never)).toThrow(/^save: unknown option "signal"/);
  model.dispose();
});
