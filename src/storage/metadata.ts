/** What a model file says of itself in the header: text by name, of which options and parameters are JSON. */
import { describeValue } from "../data/options.js";
import { findJsonFault } from "./json-shape.js";
import type { TensorReader } from "./model-source.js";

const FORMAT = "lowrank";
const FORMAT_VERSION = 1;

/** Numbers that JSON has no way to write. */
const NUMBER_WORDS: ReadonlyMap<unknown, number> = new Map([
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
]);

export interface ModelMetadata {
  /** The class, such as "MatrixFactorization". */
  model: string;
  /** Version of the package that wrote the file. */
  lowrankVersion: string;
  options: Readonly<Record<string, unknown>>;
  /** Any numbers but NaN. */
  parameters: Readonly<Record<string, number>>;
}

/** @throws {RangeError | TypeError} if an option is not a plain value, or a parameter not a number. */
export function encodeMetadata(metadata: ModelMetadata): Record<string, string> {
  const { model, lowrankVersion, options, parameters } = metadata;
  const numbers = Object.entries(parameters).map(([name, value]) => [name, encodeNumber(name, value)]);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || isPlain(value)) continue;
    throw new TypeError(
      `options.${name} must be a finite number, a string, true or false, got ${describeValue(value)}`,
    );
  }
  return {
    format: FORMAT,
    format_version: String(FORMAT_VERSION),
    lowrank_version: lowrankVersion,
    model,
    options: JSON.stringify(options),
    parameters: JSON.stringify(Object.fromEntries(numbers)),
  };
}

function encodeNumber(name: string, value: number): number | string {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new RangeError(`parameters.${name} must be a number, got ${describeValue(value)}`);
  }
  for (const [word, number] of NUMBER_WORDS) if (Object.is(value, number)) return word as string;
  return value;
}

function isPlain(value: unknown): boolean {
  return Number.isFinite(value) || typeof value === "string" || typeof value === "boolean";
}

/** @throws {Error} that refuses the file if it is of something else, or tells to update if it is of a later format. */
export function decodeMetadata(reader: TensorReader): ModelMetadata {
  const { metadata, name } = reader;
  const format = metadata.get("format");
  if (format !== FORMAT) {
    const got = format === undefined ? "" : `, its format is ${describeValue(format)}`;
    throw reader.invalid(`it has no lowrank metadata${got}`);
  }
  const version = textOf(reader, "format_version");
  if (!/^[1-9]\d{0,8}$/.test(version)) {
    throw reader.invalid(`format_version must be a whole number ≥ 1, got ${describeValue(version)}`);
  }
  if (Number(version) > FORMAT_VERSION) {
    const versions = `file format ${version}, this one reads ${FORMAT_VERSION}`;
    throw new Error(`${name} was written by a newer lowrank (${versions}); update the package`);
  }
  return {
    model: textOf(reader, "model"),
    lowrankVersion: textOf(reader, "lowrank_version"),
    options: Object.freeze(decodeOptions(reader)),
    parameters: Object.freeze(decodeParameters(reader)),
  };
}

function textOf(reader: TensorReader, key: string): string {
  const text = reader.metadata.get(key);
  if (text === undefined || text === "") throw reader.invalid(`its metadata must have ${key}`);
  return text;
}

function objectOf(reader: TensorReader, key: string): Record<string, unknown> {
  const text = textOf(reader, key);
  let value: unknown;
  try {
    if (text.startsWith("{") && findJsonFault(text) === undefined) value = JSON.parse(text);
  } catch {}
  if (value === undefined) throw reader.invalid(`${key} must be a JSON object, got ${describeValue(text)}`);
  return value as Record<string, unknown>;
}

function decodeOptions(reader: TensorReader): Record<string, unknown> {
  const options = objectOf(reader, "options");
  for (const [name, value] of Object.entries(options)) {
    if (isPlain(value)) continue;
    const rule = "must be a finite number, a string, true or false";
    throw reader.invalid(`option ${describeValue(name)} ${rule}, got ${describeValue(value)}`);
  }
  return options;
}

function decodeParameters(reader: TensorReader): Record<string, number> {
  const entries = Object.entries(objectOf(reader, "parameters")).map(([name, value]) => {
    const number = NUMBER_WORDS.get(value) ?? value;
    if (typeof number !== "number" || (!Number.isFinite(number) && number === value)) {
      throw reader.invalid(`parameter ${describeValue(name)} must be a number, got ${describeValue(value)}`);
    }
    return [name, number] as const;
  });
  return Object.fromEntries(entries);
}
