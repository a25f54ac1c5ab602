/** A fitted AutoRec asked about others: forward passes and exact rows, as they are stored, to the bit; and in files. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Id } from "../../src/data/id-index.js";
import { Interactions } from "../../src/data/interactions.js";
import { engine } from "../../src/engine/engine.js";
import { load } from "../../src/load.js";
import { AutoRec } from "../../src/models/autorec.js";
import type { Activation, AutoRecOptions } from "../../src/models/autorec-options.js";
import type { FoldedItem, FoldedUser } from "../../src/models/folded.js";
import { nmse } from "../assembly/rating-pass.js";
import { inputScores } from "../twins/autorec-row.js";
import { allPredictions, COLD, filtered, historyOfItem, historyOfUser, NAMED } from "./contract/subject.js";

const ACTIVATIONS: readonly Activation[] = ["identity", "sigmoid", "tanh", "relu"];
const ORIENTATIONS = ["item", "user"] as const;
type Orientation = (typeof ORIENTATIONS)[number];

/** Two tiles of hidden units. */
const OPTIONS: Partial<AutoRecOptions> = {
  hidden: 37,
  epochs: 5,
  learningRate: 0.01,
  clip: false,
  regularization: 0.05,
};

async function fitted(options: Partial<AutoRecOptions>, train: Interactions = NAMED): Promise<AutoRec> {
  const model = new AutoRec({ ...OPTIONS, ...options });
  onTestFinished(() => model.dispose());
  return model.fit(train);
}

/** The scores of a row of the autoencoder, stored or folded in, with all inputs. */
function rowScores(model: AutoRec, orientation: Orientation, row: unknown): Float32Array {
  const others = (orientation === "item" ? model.users : model.items).toArray();
  const same = new Array<never>(others.length).fill(row as never);
  return orientation === "item" ? model.predictMany(others, same) : model.predictMany(same, others);
}

function foldRow(model: AutoRec, orientation: Orientation, data: Interactions, id: string, order = 0) {
  const turned = <Entry>(history: Entry[]): Entry[] => {
    const kept = order === 1 ? history.toReversed() : history;
    return [...kept.slice(order), ...kept.slice(0, order)];
  };
  return orientation === "item"
    ? model.foldInItem(turned(historyOfItem(data, id)))
    : model.foldIn(turned(historyOfUser(data, id)));
}

/** What an input has, by the ids of rows. */
function historyOfInput(orientation: Orientation, data: Interactions, id: string): { id: Id; value: number }[] {
  return orientation === "item"
    ? historyOfUser(data, id).map(({ itemId, value }) => ({ id: itemId, value }))
    : historyOfItem(data, id).map(({ userId, value }) => ({ id: userId, value }));
}

const rowsOf = (data: Interactions, orientation: Orientation): string[] =>
  [...(orientation === "item" ? data.items : data.users)] as string[];

describe.each(ORIENTATIONS)("a forward pass, rows by %s", (orientation) => {
  test.each(ACTIVATIONS)(
    "is what is stored, to the bit, in any order of the history; outputs by %s",
    async (outputActivation) => {
      for (const activation of ["sigmoid", "tanh"] as const) {
        const model = await fitted({ orientation, outputActivation, activation }, COLD);
        for (const id of rowsOf(COLD, orientation)) {
          const stored = rowScores(model, orientation, id);
          for (const order of [0, 1, 5]) {
            expect(rowScores(model, orientation, foldRow(model, orientation, COLD, id, order))).toEqual(stored);
          }
        }
      }
    },
  );

  test.each(["none", "mean", "biases"] as const)("whatever is taken off: %s", async (centering) => {
    const model = await fitted({ orientation, centering, dropout: 0.3 });
    for (const id of rowsOf(NAMED, orientation)) {
      const folded = foldRow(model, orientation, NAMED, id);
      expect(rowScores(model, orientation, folded)).toEqual(rowScores(model, orientation, id));
    }
  });

  test("of nothing: that of a stranger", async () => {
    const model = await fitted({ orientation });
    const nothing = orientation === "item" ? model.foldInItem([]) : model.foldIn([]);
    expect(rowScores(model, orientation, nothing)).toEqual(rowScores(model, orientation, "nobody"));
  });
});

describe.each(ORIENTATIONS)("an input by itself, rows by %s", (orientation) => {
  test.each(ACTIVATIONS)(
    "has the exact output weights for the codes as they are; outputs by %s",
    async (outputActivation) => {
      const model = await fitted({ orientation, outputActivation, damping: 0.5, hidden: 6 });
      const inputs = orientation === "item" ? NAMED.users : NAMED.items;
      for (const id of [...inputs].slice(0, 12) as string[]) {
        const folded: FoldedUser | FoldedItem =
          orientation === "item" ? model.foldIn(historyOfUser(NAMED, id)) : model.foldInItem(historyOfItem(NAMED, id));
        const expected = inputScores(model, NAMED, historyOfInput(orientation, NAMED, id));
        const rows = (orientation === "item" ? model.items : model.users).toArray();
        const same = new Array<never>(rows.length).fill(folded as never);
        const scores = orientation === "item" ? model.predictMany(same, rows) : model.predictMany(rows, same);
        expect(nmse(scores, expected)).toBeLessThan(1e-9);
      }
    },
  );
});

/** A new user and a new item, of each a known one more, and a pair that changes. */
const MORE = Interactions.fromObjects([
  { userId: "user-61", itemId: "item-3", value: 4.5 },
  { userId: "user-61", itemId: "item-41", value: 5 },
  { userId: "user-2", itemId: "item-41", value: 1 },
  { userId: "user-61", itemId: "item-8", value: 2 },
]);

/** NAMED with MORE, by the ids in the order that partialFit gives them. */
const ALL = Interactions.fromObjects(
  [...NAMED, ...MORE].map(({ userId, itemId, value }) => ({ userId: String(userId), itemId: String(itemId), value })),
);

describe.each(ORIENTATIONS)("partialFit, rows by %s", (orientation) => {
  test.each(ACTIVATIONS)(
    "touched rows are forward passes, touched inputs exact; outputs by %s",
    async (outputActivation) => {
      const model = await fitted({ orientation, outputActivation, hidden: 6 });
      const before = { codes: model.codes.values.slice(), weights: model.outputWeights.values.slice() };
      await model.partialFit(MORE);
      const touchedRows = orientation === "item" ? ["item-3", "item-41", "item-8"] : ["user-61", "user-2"];
      const touchedInputs = orientation === "item" ? ["user-61", "user-2"] : ["item-3", "item-41", "item-8"];
      for (const id of touchedRows) {
        const folded = foldRow(model, orientation, ALL, id);
        expect(rowScores(model, orientation, folded)).toEqual(rowScores(model, orientation, id));
      }
      const rows = (orientation === "item" ? model.items : model.users).toArray() as string[];
      for (const id of touchedInputs) {
        const scores = rows.map((row) => (orientation === "item" ? model.predict(id, row) : model.predict(row, id)));
        expect(nmse(scores, inputScores(model, NAMED, historyOfInput(orientation, ALL, id)))).toBeLessThan(1e-9);
      }
      const changed = (now: Float32Array, old: Float32Array, stride: number): number[] => {
        const differs = [...old.keys()].filter((at) => now[at] !== old[at]).map((at) => Math.floor(at / stride));
        return [...new Set(differs)];
      };
      const indexOf = (ids: string[], index: { indexOf(id: string): number }, size: number): number[] =>
        ids
          .map((id) => index.indexOf(id))
          .filter((at) => at < size)
          .toSorted((a, b) => a - b);
      const [rowIndex, inputIndex] = orientation === "item" ? [model.items, model.users] : [model.users, model.items];
      const [numRows, numInputs] =
        orientation === "item" ? [NAMED.numItems, NAMED.numUsers] : [NAMED.numUsers, NAMED.numItems];
      expect(changed(model.codes.values, before.codes, 8)).toEqual(indexOf(touchedRows, rowIndex, numRows));
      expect(changed(model.outputWeights.values, before.weights, 8)).toEqual(
        indexOf(touchedInputs, inputIndex, numInputs),
      );
    },
  );

  test("everybody folds in as they are stored, then as before", async () => {
    for (const centering of ["biases", "mean"] as const) {
      const model = await fitted({ orientation, centering });
      await model.partialFit(MORE);
      for (const id of rowsOf(ALL, orientation)) {
        const folded = foldRow(model, orientation, ALL, id, 1);
        expect(rowScores(model, orientation, folded)).toEqual(rowScores(model, orientation, id));
      }
    }
  });

  test("a new input is heard by no code: a row of it alone is a row of nothing, but for its bias", async () => {
    const model = await fitted({ orientation, centering: "mean" });
    const isItem = orientation === "item";
    await model.partialFit(
      Interactions.fromObjects([
        { userId: isItem ? "newcomer" : "user-1", itemId: isItem ? "item-1" : "novelty", value: 5 },
      ]),
    );
    const folded = isItem
      ? model.foldInItem([{ userId: "newcomer", value: 5 }])
      : model.foldIn([{ itemId: "novelty", value: 5 }]);
    expect(rowScores(model, orientation, folded)).toEqual(rowScores(model, orientation, "nobody"));
  });
});

describe.each(ORIENTATIONS)("a file, rows by %s", (orientation) => {
  const setUp = { orientation, hidden: 37, reproducible: true } as const;

  test.each(ACTIVATIONS)("goes on as the model does, to the bit; outputs by %s", async (outputActivation) => {
    for (const centering of ["none", "biases"] as const) {
      const model = await fitted({ ...setUp, outputActivation, centering, activation: "tanh", dropout: 0.2 });
      const again = (await load(model.toBytes())) as AutoRec;
      onTestFinished(() => again.dispose());
      expect(again).toBeInstanceOf(AutoRec);
      expect(again.options).toEqual(model.options);
      for (let step = 0; step < 2; step++) {
        expect(allPredictions(again)).toEqual(allPredictions(model));
        expect([again.codes.values, again.outputWeights.values]).toEqual([
          model.codes.values,
          model.outputWeights.values,
        ]);
        for (const id of ["user-1", "user-30"]) {
          const [one, other] = [model, again].map((each) => each.recommend(each.foldIn(historyOfUser(NAMED, id))));
          expect(other).toEqual(one);
        }
        for (const id of ["item-1", "item-30"]) {
          const [one, other] = [model, again].map((each) =>
            each.recommendUsers(each.foldInItem(historyOfItem(NAMED, id))),
          );
          expect(other).toEqual(one);
        }
        await model.partialFit(MORE);
        await again.partialFit(MORE);
      }
      expect(again.toBytes()).toEqual(model.toBytes());
    }
  });

  test("without users answers visitors, and of float16 nearly so", async () => {
    const model = await fitted(setUp);
    const history = historyOfUser(NAMED, "user-5");
    const expected = rowScoresOfVisitor(model, history);
    for (const [options, bound] of [
      [{ users: false }, 0],
      [{ float16: true }, 1e-5],
    ] as const) {
      const again = (await load(model.toBytes(options))) as AutoRec;
      onTestFinished(() => again.dispose());
      expect(nmse(rowScoresOfVisitor(again, history), expected)).toBeLessThanOrEqual(bound);
    }
  });

  test("takes no memory when it is gone", async () => {
    const model = await fitted(
      setUp,
      filtered(NAMED, ({ userId }) => userId !== "user-9"),
    );
    const bytes = model.toBytes();
    const { bytesInUse } = engine().arena;
    for (let turn = 0; turn < 3; turn++) {
      const again = (await load(bytes)) as AutoRec;
      await again.partialFit(MORE);
      again.dispose();
      expect(engine().arena.bytesInUse).toBe(bytesInUse);
    }
  });
});

/** The scores of a visitor with all items. */
function rowScoresOfVisitor(model: AutoRec, history: { itemId: unknown; value: number }[]): Float32Array {
  const items = model.items.toArray();
  const visitor = model.foldIn(history as never);
  return model.predictMany(new Array(items.length).fill(visitor), items);
}
