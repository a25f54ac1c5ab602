/** What a model says of itself to be held to the contract, and the data that it is held to it with. */
import { onTestFinished } from "vitest";
import type { Id } from "../../../src/data/id-index.js";
import { Interactions } from "../../../src/data/interactions.js";
import { SparseMatrix } from "../../../src/data/sparse-matrix.js";
import { syntheticRatings } from "../../../src/data/synthetic.js";
import type { Model } from "../../../src/models/model.js";

/** Options that the contract sets; a model without one of them leaves it. */
export interface ContractOptions {
  clip?: boolean;
  threads?: number;
}

/** What kind of model it is; what a kind cannot do by its nature is not asked of it. */
export interface ModelKind {
  /** Different users are given different orders of the same items. */
  readonly personalised: boolean;
  /** Rows can be like each other: without factors or neighbours nothing is. */
  readonly similar: boolean;
  /** Items, and users, differ to somebody of whom nothing is known; else their popularity ranks them. */
  readonly biases: boolean;
  /** Values are on a scale to be predicted; else what counts is that they are there. */
  readonly ratings: boolean;
  /** A row keeps its bits when others learn. */
  readonly independentRows: boolean;
  /** It tells how a score comes about. */
  readonly explains: boolean;
  /** There are files of it. */
  readonly files: boolean;
  /** Lists of many rows are made on the pool. */
  readonly pool: boolean;
  /** How near a user who is folded in from their own history comes to the stored one, and so an item. */
  readonly foldIn: {
    /** Of ten recommendations how many are the same, on the average of the users, at least. */
    readonly sameOfTen: number;
    /** RMSE between the predictions for both, in rating points, at most. */
    readonly rmse: number;
  };
}

export interface Subject {
  readonly create: (options: ContractOptions) => Model;
  readonly kind: ModelKind;
}

/** 60 users, 40 items, 900 ratings, by name. */
export const NAMED = syntheticRatings({
  numUsers: 60,
  numItems: 40,
  numRatings: 900,
  seed: 5,
  names: true,
}).interactions;

/** 200 users, 150 items, 8,000 ratings. */
export const MEDIUM = syntheticRatings({ numUsers: 200, numItems: 150, numRatings: 8_000, seed: 11 }).interactions;

/** Of NAMED, those who have no interactions in COLD, in index order. */
export const COLD_USERS = ["user-7", "user-31"];
export const COLD_ITEMS = ["item-9", "item-40"];

/** NAMED without the interactions of some users and items; the ids stay. */
export const COLD = filtered(
  NAMED,
  ({ userId, itemId }) => !COLD_USERS.includes(String(userId)) && !COLD_ITEMS.includes(String(itemId)),
);

/** Some of the interactions; all of the ids, the very same objects. */
export function filtered(
  { users, items, matrix }: Interactions,
  keep: (entry: { userId: Id; itemId: Id }) => boolean,
): Interactions {
  const { numRows, numColumns, offsets, columns, values } = matrix;
  const kept: number[] = [];
  const newOffsets = new Uint32Array(numRows + 1);
  for (let user = 0; user < numRows; user++) {
    for (let entry = offsets[user]!; entry < offsets[user + 1]!; entry++) {
      if (keep({ userId: users.idAt(user), itemId: items.idAt(columns[entry]!) })) kept.push(entry);
    }
    newOffsets[user + 1] = kept.length;
  }
  const newColumns = Uint32Array.from(kept, (entry) => columns[entry]!);
  const newValues = Float32Array.from(kept, (entry) => values[entry]!);
  return new Interactions({
    users,
    items,
    matrix: new SparseMatrix(numRows, numColumns, newOffsets, newColumns, newValues),
  });
}

/** A fitted model, which is disposed of at the end of the test. */
export async function fitted(
  { create }: Subject,
  train: Interactions = NAMED,
  options: ContractOptions = {},
): Promise<Model> {
  const model = create(options);
  onTestFinished(() => model.dispose());
  return model.fit(train);
}

/** What a user did, as `foldIn` takes it. */
export function historyOfUser({ users, items, matrix }: Interactions, userId: Id): { itemId: Id; value: number }[] {
  const row = users.indexOf(userId);
  const [begin, end] = [matrix.offsets[row]!, matrix.offsets[row + 1]!];
  return Array.from(matrix.columns.subarray(begin, end), (column, at) => ({
    itemId: items.idAt(column),
    value: matrix.values[begin + at]!,
  }));
}

/** What was done with an item, as `foldInItem` takes it. */
export function historyOfItem({ users, items, transposed }: Interactions, itemId: Id): { userId: Id; value: number }[] {
  const row = items.indexOf(itemId);
  const [begin, end] = [transposed.offsets[row]!, transposed.offsets[row + 1]!];
  return Array.from(transposed.columns.subarray(begin, end), (column, at) => ({
    userId: users.idAt(column),
    value: transposed.values[begin + at]!,
  }));
}

/** Predictions of all pairs, by user and then by item. */
export function allPredictions(model: Model): Float32Array {
  const { users, items } = model;
  const length = users.size * items.size;
  return model.predictIndices(
    Uint32Array.from({ length }, (_, at) => Math.floor(at / items.size)),
    Uint32Array.from({ length }, (_, at) => at % items.size),
  );
}
