/** A model's state ↔ what a model file keeps of it. */
import { version } from "../../package.json";
import { IdIndex } from "../data/id-index.js";
import { checkBoolean, checkKnownOptions } from "../data/options.js";
import { allOf } from "../engine/all-of.js";
import type { Engine } from "../engine/engine.js";
import type { EntryCounts } from "../engine/entry-counts.js";
import type { Variant } from "../engine/kernels.js";
import type { Matrix } from "../engine/matrix.js";
import { type BilinearParts, BilinearScores } from "../ranking/bilinear-scores.js";
import type { Link } from "../ranking/link.js";
import { encodeModel, type MatrixValues } from "../storage/encode-model.js";
import { LARGEST_VALUE, type ModelFile } from "../storage/model-file.js";
import type { TensorFile } from "../storage/safetensors.js";
import type { FittedScores } from "./engine-model.js";
import type { SaveOptions } from "./model.js";

/** What a model's file keeps beside what every one does, by the names in the file. */
export interface OwnParts {
  readonly parameters: Readonly<Record<string, number>>;
  readonly matrices?: Readonly<Record<string, MatrixValues>>;
  readonly vectors?: Readonly<Record<string, Float32Array>>;
}

/** @throws as `encodeModel`; {RangeError} for a number beyond ±LARGEST_VALUE. */
export function encodeScores(
  model: string,
  options: object,
  state: FittedScores,
  saveOptions: SaveOptions,
  own: OwnParts,
): TensorFile {
  checkKnownOptions("save", saveOptions, ["float16", "seen", "users"]);
  const { float16 = false, seen: keepSeen = true, users: keepUsers = true } = saveOptions;
  checkBoolean("seen", keepSeen);
  checkBoolean("users", keepUsers);
  const { scores, users, items, seen, counts } = state;
  const [lowest, highest] = scores.range;
  const parameters = { ...scores.link.named, ...own.parameters };
  const isLarge = (number: number): boolean => !(Math.abs(number) <= LARGEST_VALUE);
  if (
    [scores.offset, ...Object.values(parameters)].some(isLarge) ||
    scores.userBias.some(isLarge) ||
    scores.itemBias.some(isLarge)
  )
    throw new RangeError(`a model must be of values within ±${LARGEST_VALUE} to be saved; divide them by a constant`);
  const itemCounts = counts?.columns;
  return encodeModel(
    {
      model,
      version,
      options: options as Record<string, unknown>,
      parameters: {
        offset: scores.offset,
        lowest,
        highest,
        ...parameters,
      },
      users: keepUsers ? users : IdIndex.from([]),
      items,
      seen: keepSeen && keepUsers ? seen : undefined,
      counts: itemCounts && { users: keepUsers ? counts.rows : new Uint32Array(0), items: itemCounts },
      matrices: {
        ...(keepUsers ? { user_factors: valuesOf(scores.userFactors) } : {}),
        item_factors: valuesOf(scores.itemFactors),
        ...own.matrices,
      },
      vectors: { ...(keepUsers ? { user_bias: scores.userBias } : {}), item_bias: scores.itemBias, ...own.vectors },
    },
    { float16 },
  );
}

const valuesOf = ({ rows, columns, stride, values }: Matrix): MatrixValues => ({ rows, columns, stride, values });

/** What is to be read of a model file, and how. */
export interface RestorePlan<Rest> {
  /** False leaves users in the file unread. */
  readonly users: boolean;
  /** The link of the scores; default the identity. */
  readonly link?: Link;
  /** The rest of the state. @param parameter a number ≥ 0 by its name in the file */
  readonly rest: (scores: BilinearScores, parameter: (name: string) => number) => Promise<Rest>;
}

/** @throws {Error} that refuses the file. */
export async function restoreScores<Rest extends object>(
  file: ModelFile,
  engine: Engine,
  variant: Variant,
  plan: RestorePlan<Rest>,
): Promise<FittedScores & Rest> {
  const hasUsers = plan.users && file.has("user_factors");
  const scores = new BilinearScores(engine, variant, partsOf(file, hasUsers, plan.link));
  const { itemFactors, userFactors } = scores;
  try {
    // All at once: the file is read while the ids are taken apart and the kernels compiled.
    const [rest, items, users, seen, counts] = await allOf([
      plan.rest(scores, (name) => nonNegative(file, name)),
      file.items(),
      hasUsers ? file.users() : IdIndex.from([]),
      hasUsers ? file.seen() : undefined,
      countsOf(file, hasUsers),
      file.readMatrix("item_factors", itemFactors, itemFactors.values),
      hasUsers ? file.readMatrix("user_factors", userFactors, userFactors.values) : undefined,
      readBias(file, "item_bias", scores.itemBias),
      hasUsers ? readBias(file, "user_bias", scores.userBias) : undefined,
      engine.prepare(variant),
    ]);
    return { scores, users, items, seen, counts, ...rest };
  } catch (error) {
    scores.dispose();
    throw error;
  }
}

/** What scores are made of, all of it checked before anything is allocated. */
function partsOf(file: ModelFile, hasUsers: boolean, link: Link | undefined): BilinearParts {
  const offset = within(file, "offset", parameterOf(file, "offset"));
  const [lowest, highest] = [parameterOf(file, "lowest"), parameterOf(file, "highest")];
  if (!(lowest <= highest)) reject(file, `lowest must be at most highest, got ${lowest} and ${highest}`);
  if (lowest === Infinity || highest === -Infinity) reject(file, `no number is from ${lowest} to ${highest}`);
  const [numItems, factors] = file.matrixShape("item_factors");
  const [numUsers, userColumns] = hasUsers ? file.matrixShape("user_factors") : [0, factors];
  if (userColumns !== factors) reject(file, `user_factors must have ${factors} columns, got ${userColumns}`);
  checkSizes(file, numItems, hasUsers ? numUsers : undefined);
  return { numUsers, numItems, factors, offset, range: [lowest, highest], link };
}

/** As many rows as ids, before anything is allocated by them. */
function checkSizes(file: ModelFile, numItems: number, numUsers: number | undefined): void {
  if (numItems !== file.numItems) reject(file, `item_factors must have ${file.numItems} rows, got ${numItems}`);
  if (numUsers === undefined || numUsers === file.numUsers) return;
  reject(file, `user_factors must have ${file.numUsers} rows, got ${numUsers}`);
}

/**
 * The link in a file. @param make of a number within ±LARGEST_VALUE by its name; may throw a RangeError
 * @throws {Error} that refuses the file
 */
export function restoreLink(file: ModelFile, make: (parameter: (name: string) => number) => Link): Link {
  try {
    return make((name) => within(file, name, parameterOf(file, name)));
  } catch (error) {
    throw error instanceof RangeError ? file.invalid(`its link is not valid: ${error.message}`) : error;
  }
}

async function countsOf(file: ModelFile, hasUsers: boolean): Promise<EntryCounts | undefined> {
  const counts = await file.counts();
  return counts && { rows: hasUsers ? counts.users : new Uint32Array(0), columns: counts.items };
}

function reject(file: ModelFile, fault: string): never {
  throw file.invalid(fault);
}

/** A number that scores can be made of without running out of range. */
function within(file: ModelFile, name: string, number: number): number {
  if (Math.abs(number) <= LARGEST_VALUE) return number;
  return reject(file, `${name} must be within ±${LARGEST_VALUE}, got ${number}`);
}

async function readBias(file: ModelFile, name: string, into: Float32Array): Promise<void> {
  const bias = await file.vector(name, into.length);
  for (const number of bias) within(file, name, number);
  into.set(bias);
}

function parameterOf(file: ModelFile, name: string): number {
  return file.parameters[name] ?? reject(file, `it has no parameter ${name}`);
}

function nonNegative(file: ModelFile, name: string): number {
  const value = parameterOf(file, name);
  if (!(value >= 0 && value <= LARGEST_VALUE)) reject(file, `${name} must be a number ≥ 0, got ${value}`);
  return value;
}
