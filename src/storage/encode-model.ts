/** A model's parts → what its file is to hold. */
import type { IdIndex } from "../data/id-index.js";
import { checkBoolean, checkKnownOptions } from "../data/options.js";
import type { SparseMatrix } from "../data/sparse-matrix.js";
import { idTensors, type Side } from "./id-tensors.js";
import { findLargeValue, type MatrixValues, matrixTensor } from "./matrix-tensors.js";
import { encodeMetadata } from "./metadata.js";
import type { TensorFile, TensorSource } from "./safetensors.js";
import { seenTensors } from "./seen-tensors.js";
import { vectorTensor } from "./tensor-arrays.js";

export type { MatrixValues } from "./matrix-tensors.js";

/** All that a file keeps of a model. */
export interface ModelParts {
  /** The class, such as "MatrixFactorization". */
  model: string;
  /** Of the package. */
  version: string;
  /** Finite numbers, strings, `true` and `false`; `undefined` is left out. */
  options: Readonly<Record<string, unknown>>;
  /** Scalars, such as a mean or the ends of a range: any number but NaN, kept to the last bit. */
  parameters: Readonly<Record<string, number>>;
  users: IdIndex;
  items: IdIndex;
  /** The training interactions, users × items, no item twice in a row. */
  seen?: SparseMatrix | undefined;
  /** Interactions of each user u32[users] and of each item u32[items]. */
  counts?: { users: Uint32Array; items: Uint32Array } | undefined;
  /** By the names of their tensors, such as `user_factors`; written without the padding. */
  matrices: Readonly<Record<string, MatrixValues>>;
  /** By the names of their tensors, such as `user_bias`. */
  vectors: Readonly<Record<string, Float32Array>>;
}

export interface EncodeOptions {
  /** Whether matrices are written in half precision, about three decimal digits, at half the size; default false. */
  float16?: boolean | undefined;
}

/**
 * The file of a model: metadata and tensors, larger data not yet copied; it must not change until it is written.
 * Everything is checked now, so that a file that is written can be read again.
 * @throws {TypeError | RangeError} that names the part, the rule and the value: an id that is no valid Unicode, a value
 * that is not finite, or beyond ±1e15 in a matrix (±65504 by float16), sizes that do not agree.
 */
export function encodeModel(parts: ModelParts, options: EncodeOptions = {}): TensorFile {
  checkKnownOptions("save", options, ["float16"]);
  const float16 = options.float16 === undefined ? false : checkBoolean("float16", options.float16);
  const { model, version, users, items, seen, counts } = parts;
  if (seen !== undefined && (seen.numRows !== users.size || seen.numColumns !== items.size)) {
    const got = `${seen.numRows} × ${seen.numColumns}`;
    throw new RangeError(`seen must be users × items, ${users.size} × ${items.size}, got ${got}`);
  }
  const tensors: TensorSource[] = [...idTensors("user", users), ...idTensors("item", items)];
  if (seen !== undefined) tensors.push(...seenTensors(seen));
  if (counts !== undefined) {
    tensors.push(countTensor("user", counts.users, users.size), countTensor("item", counts.items, items.size));
  }
  for (const [name, matrix] of Object.entries(parts.matrices)) tensors.push(matrixTensor(name, matrix, float16));
  for (const [name, values] of Object.entries(parts.vectors)) {
    const fault = findLargeValue(values, { rows: values.length, columns: 1, stride: 1 }, Number.MAX_VALUE);
    if (fault !== undefined) throw new RangeError(`${name}${fault}`);
    tensors.push(vectorTensor(name, "F32", values));
  }
  const metadata = encodeMetadata({
    model,
    lowrankVersion: version,
    options: parts.options,
    parameters: parts.parameters,
  });
  return { metadata, tensors };
}

function countTensor(side: Side, counts: Uint32Array, length: number): TensorSource {
  if (counts.length !== length) {
    throw new RangeError(`${side}_counts must have length ${length}, got ${counts.length}`);
  }
  return vectorTensor(`${side}_counts`, "U32", counts);
}
