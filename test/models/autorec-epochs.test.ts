/** AutoRec's epochs: the best one is kept, an abort leaves the model as it was, and a fit that runs away is told. */
import { describe, expect, onTestFinished, test } from "vitest";
import { engine } from "../../src/engine/engine.js";
import { AutoRec } from "../../src/models/autorec.js";
import type { AutoRecOptions } from "../../src/models/autorec-options.js";
import type { EpochReport, FitOptions } from "../../src/models/model.js";
import { allPredictions, historyOfItem, historyOfUser } from "./contract/subject.js";
import { MADE, rmseOf, SMALL } from "./ratings.js";

const { train, test: held } = SMALL.split({ testFraction: 0.2, seed: 3 });

/** Learns by heart, and gets worse at what was held out. */
const OVERFITTING: Partial<AutoRecOptions> = {
  hidden: 40,
  centering: "mean",
  learningRate: 0.01,
  learningRateSchedule: "constant",
  batchSize: 16,
  regularization: 0,
  damping: 0,
  initialScale: 0.5,
  epochs: 20,
};

async function fitted(options: Partial<AutoRecOptions>, fitOptions: FitOptions = {}) {
  const reports: EpochReport[] = [];
  const model = new AutoRec(options);
  onTestFinished(() => model.dispose());
  await model.fit(train, { ...fitOptions, onEpoch: (report) => reports.push(report) });
  return { model, reports };
}

/** Everything that a model has learned, as the predictions of all pairs and of all who are folded in. */
function answersOf(model: AutoRec): Float32Array[] {
  const items = train.items.toArray();
  const visitors = [...train.users].slice(0, 10).map((id) => model.foldIn(historyOfUser(train, id)));
  const novelties = items.slice(0, 10).map((id) => model.foldInItem(historyOfItem(train, id)));
  return [
    allPredictions(model),
    ...visitors.map((visitor) => model.predictMany(new Array(items.length).fill(visitor), items)),
    ...novelties.map((novelty) => model.predictMany(train.users.toArray(), new Array(train.numUsers).fill(novelty))),
  ];
}

describe.each(["item", "user"] as const)("validation, rows by %s", (orientation) => {
  const options = { ...OVERFITTING, orientation };

  test("keeps the best epoch's scores and encoder, to the bit", async () => {
    const { model, reports } = await fitted(options, { validation: held });
    const rmses = reports.map(({ validationRmse }) => validationRmse!);
    const best = 1 + rmses.indexOf(Math.min(...rmses));
    expect(best).toBeGreaterThan(1);
    expect(best).toBeLessThan(20);
    expect(rmses.at(-1)).toBeGreaterThan(rmses[best - 1]! * 1.02);
    expect(rmseOf(model, held)).toBeCloseTo(rmses[best - 1]!, 5);
    const { model: stopped } = await fitted({ ...options, epochs: best });
    expect(answersOf(model)).toEqual(answersOf(stopped));
  });

  test("what is kept folds in as it is stored", async () => {
    const { model } = await fitted({ ...options, clip: false }, { validation: held, patience: 2 });
    const isItem = orientation === "item";
    for (const id of isItem ? train.items : train.users) {
      const folded = isItem ? model.foldInItem(historyOfItem(train, id)) : model.foldIn(historyOfUser(train, id));
      const others = (isItem ? train.users : train.items).toArray();
      const scores = (who: never): Float32Array => {
        const same = new Array<never>(others.length).fill(who);
        return isItem ? model.predictMany(others, same) : model.predictMany(same, others);
      };
      expect(scores(folded as never)).toEqual(scores(id as never));
    }
  });

  test("patience ends the fit so many epochs after the best", async () => {
    const { reports: all } = await fitted(options, { validation: held });
    const rmses = (of: EpochReport[]) => of.map(({ validationRmse }) => validationRmse!);
    for (const patience of [1, 3]) {
      const { model, reports } = await fitted(options, { validation: held, patience });
      const end = all.findIndex((_, at) =>
        all.slice(Math.max(0, at + 1 - patience), at + 1).every(({ isBest }) => !isBest),
      );
      expect(end).toBeGreaterThan(patience - 1);
      expect(rmses(reports)).toEqual(rmses(all.slice(0, end + 1)));
      expect(rmseOf(model, held)).toBeCloseTo(Math.min(...rmses(reports)), 5);
    }
  });

  test("does not change what is learned, with dropout either", async () => {
    const own = { ...options, epochs: 3, dropout: 0.3, learningRate: 0.003 };
    const { model, reports } = await fitted(own, { validation: train });
    expect(reports.map(({ isBest }) => isBest)).toEqual([true, true, true]);
    const { model: without, reports: plain } = await fitted(own);
    expect(answersOf(model)).toEqual(answersOf(without));
    expect(plain.map(({ trainRmse }) => trainRmse)).toEqual(reports.map(({ trainRmse }) => trainRmse));
    expect(plain.map(({ validationRmse }) => validationRmse)).toEqual([undefined, undefined, undefined]);
  });
});

describe("signal", () => {
  test("aborted in the middle: an earlier fit is as it was, and memory too", async () => {
    const { arena } = engine();
    const { model } = await fitted({ hidden: 40, epochs: 5 });
    const before = { answers: answersOf(model), bytes: arena.bytesInUse };
    const controller = new AbortController();
    const reason = new Error("enough");
    const onEpoch = ({ epoch }: EpochReport): void => {
      if (epoch === 3) controller.abort(reason);
    };
    await expect(model.fit(MADE, { onEpoch, validation: MADE, signal: controller.signal })).rejects.toBe(reason);
    expect(arena.bytesInUse).toBe(before.bytes);
    expect(model.users).toBe(train.users);
    expect(answersOf(model)).toEqual(before.answers);
    await model.fit(train);
    expect(answersOf(model)).toEqual(before.answers);
    expect(arena.bytesInUse).toBe(before.bytes);
  });

  test("aborted before, and while it prepares: rejects, and nothing is held", async () => {
    const { arena } = engine();
    const { bytesInUse } = arena;
    const model = new AutoRec({ epochs: 1000 });
    await expect(model.fit(train, { signal: AbortSignal.abort("not today") })).rejects.toBe("not today");
    for (const delay of [0, 1, 3, 10]) {
      const controller = new AbortController();
      const fitting = model.fit(MADE, { signal: controller.signal });
      setTimeout(() => controller.abort(), delay);
      await expect(fitting).rejects.toMatchObject({ name: "AbortError" });
    }
    expect(arena.bytesInUse).toBe(bytesInUse);
    expect(() => model.predict(1, 1)).toThrow("the model has not been fitted");
  });

  test("what onEpoch throws ends the fit, and nothing is held", async () => {
    const { bytesInUse } = engine().arena;
    const reason = new Error("seen enough");
    const onEpoch = (): void => {
      throw reason;
    };
    await expect(new AutoRec({ hidden: 4 }).fit(train, { onEpoch })).rejects.toBe(reason);
    expect(engine().arena.bytesInUse).toBe(bytesInUse);
  });
});

describe("divergence", () => {
  test.each(["adam", "sgd", "rprop"] as const)(
    "of %s: an error that names what to change, and no memory",
    async (optimizer) => {
      const { arena } = engine();
      const { bytesInUse } = arena;
      for (const orientation of ["item", "user"] as const) {
        for (const learningRate of [1e6, 1e30]) {
          const model = new AutoRec({ hidden: 8, optimizer, learningRate, orientation });
          const message = `lower learningRate, now ${learningRate}, or raise regularization, now `;
          await expect(model.fit(MADE)).rejects.toThrow(message);
          await expect(model.fit(MADE)).rejects.toThrow(/^AutoRec diverged: /);
          expect(() => model.predict(1, 1)).toThrow("the model has not been fitted");
        }
      }
      expect(arena.bytesInUse).toBe(bytesInUse);
    },
  );

  test("bounded outputs cannot err so far, but their weights can run away", async () => {
    for (const outputActivation of ["sigmoid", "tanh"] as const) {
      const model = new AutoRec({ hidden: 4, epochs: 2, outputActivation, learningRate: 1e20, optimizer: "sgd" });
      const outcome = await model.fit(train).then(
        () => "fitted",
        (error: Error) => error.message,
      );
      if (outcome !== "fitted") expect(outcome).toMatch(/^AutoRec diverged: /);
      else expect(allPredictions(model).every(Number.isFinite)).toBe(true);
      model.dispose();
    }
  });
});
