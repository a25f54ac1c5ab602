/** A whole fit of AutoRec against the dense f64 twin of all of it. */
import { describe, expect, onTestFinished, test } from "vitest";
import { AutoRec } from "../../src/models/autorec.js";
import { TWIN_ACTIVATIONS } from "../twins/autorec.js";
import { AutoRecTwin, type TwinFitOptions } from "../twins/autorec-fit.js";
import { COLD } from "./contract/subject.js";
import { onThreads } from "./on-threads.js";

onThreads();

/** Two tiles of hidden units, and batches of unequal sizes. */
const OPTIONS: TwinFitOptions = {
  orientation: "item",
  hidden: 37,
  activation: "sigmoid",
  outputActivation: "identity",
  optimizer: "adam",
  epochs: 4,
  batchSize: 11,
  learningRate: 0.01,
  learningRateSchedule: "linear",
  momentum: 0.8,
  regularization: 0.02,
  damping: 0.3,
  dropout: 0,
  centering: "biases",
  initialScale: 0.5,
  clip: false,
  seed: 2 ** 40 + 7,
  threads: 2,
  reproducible: true,
};

const RATES = { adam: 0.01, sgd: 0.03, rprop: 0.002 } as const;

/** The fit's scores of all pairs against the twin's, and the training errors of every epoch. */
async function compare(own: Partial<TwinFitOptions>): Promise<void> {
  const options = { ...OPTIONS, ...own };
  const trainRmses: number[] = [];
  const model = new AutoRec(options);
  onTestFinished(() => model.dispose());
  await model.fit(COLD, { onEpoch: ({ trainRmse }) => trainRmses.push(trainRmse) });
  const twin = new AutoRecTwin(COLD, options);
  const [users, items] = [COLD.numUsers, COLD.numItems];
  let [errors, changes] = [0, 0];
  const byItem = options.orientation === "item";
  for (let row = 0; row < (byItem ? items : users); row++) {
    twin.scores(row).forEach((expected, input) => {
      const [user, item] = byItem ? [input, row] : [row, input];
      const score = model.predictIndices(Uint32Array.of(user), Uint32Array.of(item))[0]!;
      errors += (score - expected) ** 2;
      changes += (expected - COLD.mean) ** 2;
    });
  }
  const [rms, spread] = [errors, changes].map((sum) => Math.sqrt(sum / (users * items)));
  expect(spread).toBeGreaterThan(0.2); // there is something to be wrong about
  expect(rms).toBeLessThan(1e-4);
  expect(trainRmses.length).toBe(options.epochs);
  trainRmses.forEach((rmse, at) => {
    expect(Math.abs(rmse / twin.trainRmses[at]! - 1)).toBeLessThan(1e-5);
  });
  expect(trainRmses.at(-1)).toBeLessThan(trainRmses[0]!);
}

describe("a whole fit is the twin's", () => {
  describe.each(["item", "user"] as const)("by %s", (orientation) => {
    test.each(["adam", "sgd", "rprop"] as const)("%s", async (optimizer) => {
      await compare({ orientation, optimizer, learningRate: RATES[optimizer] });
    });

    test.each(TWIN_ACTIVATIONS)("outputs by %s, of hidden units by tanh", async (outputActivation) => {
      await compare({ orientation, outputActivation, activation: "tanh" });
    });

    test.each(["identity", "relu"] as const)("hidden units by %s", async (activation) => {
      await compare({ orientation, activation });
    });

    test.each(["none", "mean"] as const)("centred by %s", async (centering) => {
      await compare({ orientation, centering });
    });

    test("with dropout", async () => {
      await compare({ orientation, dropout: 0.4, optimizer: "sgd", learningRate: RATES.sgd });
    });

    test.each([1, 1000])("in batches of %i", async (batchSize) => {
      await compare({ orientation, batchSize, learningRateSchedule: "constant", epochs: 2 });
    });
  });
});
