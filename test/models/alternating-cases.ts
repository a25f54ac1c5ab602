/** What the tests of both models by alternating least squares have in common. */
import { Interactions } from "../../src/data/interactions.js";
import { AlternatingLeastSquares } from "../../src/models/alternating-least-squares.js";
import type { AlternatingLeastSquaresOptions } from "../../src/models/alternating-least-squares-options.js";
import { ImplicitALS } from "../../src/models/implicit-als.js";
import type { ImplicitALSOptions } from "../../src/models/implicit-als-options.js";
import { randomOf } from "../assembly/rating-pass.js";

export type Rating = Partial<AlternatingLeastSquaresOptions>;
export type Implicit = Partial<ImplicitALSOptions>;

/** The bytes of all that a model has learned. */
export function bitsOf(model: AlternatingLeastSquares | ImplicitALS): Buffer {
  const { userFactors, itemFactors } = model;
  const biases = model instanceof AlternatingLeastSquares ? [model.userBias, model.itemBias] : [];
  const tables = [userFactors.values, itemFactors.values, ...biases];
  return Buffer.concat(tables.map((table) => Buffer.from(table.slice().buffer)));
}

/** 40,000 users of one to three of 50 items, the first of which all have had: more than one slice of its row. */
export function withLongColumn(): Interactions {
  const numUsers = 40_000;
  const random = randomOf(40);
  const [users, items, values]: [number[], number[], number[]] = [[], [], []];
  for (let user = 0; user < numUsers; user++) {
    const own = new Set([0, random.nextBelow(50), 1 + random.nextBelow(49)]);
    for (const item of own) {
      users.push(user);
      items.push(item);
      values.push(1 + random.nextBelow(5));
    }
  }
  return Interactions.fromColumns({
    users: Uint32Array.from(users),
    items: Uint32Array.from(items),
    values: Float32Array.from(values),
  });
}

/** By how much a list of numbers ever rises, against where it is; 0 where it never does. */
export function greatestRise(objectives: readonly number[]): number {
  return objectives.slice(1).reduce((most, each, at) => Math.max(most, each / objectives[at]! - 1), 0);
}

/** The objectives of a fit, half-step by half-step. */
export async function halfSteps(
  model: AlternatingLeastSquares | ImplicitALS,
  train: Interactions,
): Promise<{ objectives: number[]; jittered: number }> {
  const objectives: number[] = [];
  let jittered = 0;
  await model.fit(train, {
    onHalfStep: ({ objective, jitteredRows }) => {
      objectives.push(objective);
      jittered += jitteredRows;
    },
  });
  model.dispose();
  return { objectives, jittered };
}

export const rating = (own: Rating) => new AlternatingLeastSquares({ factors: 9, epochs: 4, ...own });
export const implicit = (own: Implicit) => new ImplicitALS({ factors: 9, epochs: 4, ...own });
