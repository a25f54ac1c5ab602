/** A model's parts for tests: small, every kind of part present, every value different. */
import { type Id, IdIndex } from "../../src/data/id-index.js";
import { SparseMatrix } from "../../src/data/sparse-matrix.js";
import type { ModelParts } from "../../src/storage/encode-model.js";
import type { MatrixValues } from "../../src/storage/matrix-tensors.js";
import { type ModelFile, openModel } from "../../src/storage/model-file.js";
import type { ModelSource } from "../../src/storage/model-source.js";

/** A matrix of distinct values that halfs hold exactly, with `padding` in the floats from columns to stride. */
export function exampleMatrix(rows: number, columns: number, stride: number, padding = 0): MatrixValues {
  const values = new Float32Array(rows * stride).fill(padding);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      values[row * stride + column] = (((row * columns + column) % 2000) - 1000) / 8;
    }
  }
  return { rows, columns, stride, values };
}

/** Row u has the items u, u + 1 and u + 2 (mod numItems), each once; values halves of small numbers. */
export function exampleSeen(numUsers: number, numItems: number): SparseMatrix {
  const rows: number[] = [];
  const columns: number[] = [];
  for (let user = 0; user < numUsers; user++) {
    const items = new Set([user, user + 1, user + 2].map((item) => item % Math.max(numItems, 1)));
    if (numItems > 0 && user % 4 !== 1) for (const item of items) rows.push(user) && columns.push(item);
  }
  const values = Float32Array.from(rows, (_, entry) => (entry % 11) / 2 - 1);
  return SparseMatrix.fromTriples(numUsers, numItems, Uint32Array.from(rows), Uint32Array.from(columns), values);
}

export interface ExampleSize {
  users: readonly Id[];
  items: readonly Id[];
  factors: number;
}

export function exampleParts({ users, items, factors }: ExampleSize): ModelParts {
  const stride = Math.ceil(factors / 4) * 4;
  const seen = exampleSeen(users.length, items.length);
  return {
    model: "MatrixFactorization",
    version: "1.2.3",
    options: { factors, learningRate: 0.05, optimizer: "adagrad", clip: true, seed: 2 ** 53 - 1 },
    parameters: { offset: 3.5299998, lowest: -Infinity, highest: Infinity, zero: -0, tiny: 5e-324, third: 1 / 3 },
    users: IdIndex.from(users),
    items: IdIndex.from(items),
    seen,
    counts: {
      users: Uint32Array.from(users, (_, user) => seen.rowLength(user)),
      items: Uint32Array.from(items, (_, item) => 2 ** 32 - 1 - item),
    },
    matrices: {
      user_factors: exampleMatrix(users.length, factors, stride, 7),
      item_factors: exampleMatrix(items.length, factors, stride, 7),
    },
    vectors: {
      user_bias: Float32Array.from(users, (_, user) => user / 7),
      item_bias: Float32Array.from(items, (_, item) => -item / 7),
    },
  };
}

export const SMALL: ExampleSize = { users: ["a", "é", "🎬", 7, -0.5], items: [5, -(2 ** 53) + 1, 0], factors: 3 };

/** Everything that can be read from a model file, with as much padding as `parts` has. */
export async function readAll(file: ModelFile) {
  const matrices: Record<string, { rows: number; columns: number; values: number[] }> = {};
  const vectors: Record<string, number[]> = {};
  const users = await file.users();
  const items = await file.items();
  const sides = [
    ["user", users],
    ["item", items],
  ] as const;
  for (const [side, ids] of sides) {
    if (file.has(`${side}_factors`)) {
      const [rows, columns] = file.matrixShape(`${side}_factors`);
      const stride = Math.ceil(columns / 4) * 4;
      const values = new Float32Array(rows * stride).fill(9);
      await file.readMatrix(`${side}_factors`, { rows, columns, stride }, values);
      matrices[`${side}_factors`] = { rows, columns, values: [...values] };
    }
    if (file.has(`${side}_bias`)) vectors[`${side}_bias`] = [...(await file.vector(`${side}_bias`, ids.size))];
  }
  const seen = await file.seen();
  const counts = await file.counts();
  const { model, lowrankVersion, options, parameters } = file;
  return { model, lowrankVersion, options, parameters, users, items, seen, counts, matrices, vectors };
}

export async function readAllOf(source: ModelSource) {
  const file = await openModel(source);
  try {
    return await readAll(file);
  } finally {
    await file.close();
  }
}
