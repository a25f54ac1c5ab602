/**
 * Checks of options and arguments, with one form of message: the argument, the rule, the value. A value of the wrong type
 * is a TypeError, one out of range a RangeError. Every check returns the value it was given.
 */
import { nearestTexts } from "./edit-distance.js";

const LONGEST_SHOWN = 60;

/** A value as an error message shows it: short, strings in quotes. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = value.constructor?.name;
  return name === undefined || name === "Object" ? "an object" : `an object of class ${name}`;
}

/**
 * Throws `name must be <rule>, got <value>`: a RangeError if the value is of the expected type and so merely out of range,
 * else a TypeError ("none": in any case).
 */
export function reject(
  name: string,
  rule: string,
  value: unknown,
  expected: "number" | "string" | "none" = "number",
): never {
  const message = `${name} must be ${rule}, got ${describeValue(value)}`;
  throw typeof value === expected ? new RangeError(message) : new TypeError(message);
}

/** @throws {TypeError} if `options` is no object or has a key that is not allowed; names the nearest allowed one. */
export function checkKnownOptions(where: string, options: unknown, allowedKeys: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    reject(`${where}: options`, "an object", options, "none");
  }
  for (const key of Object.keys(options)) {
    if (allowedKeys.includes(key)) continue;
    const [nearest] = nearestTexts(key, allowedKeys, 1);
    const hint = nearest === undefined ? `options are ${allowedKeys.join(", ")}` : `did you mean "${nearest}"?`;
    throw new TypeError(`${where}: unknown option ${describeValue(key)}; ${hint}`);
  }
}

/** A number in (0, 1), neither end included. */
export function checkFraction(name: string, value: unknown): number {
  if (typeof value !== "number" || !(value > 0 && value < 1)) reject(name, "a number in (0, 1)", value);
  return value;
}

/** Any number but NaN and the infinities. */
export function checkFinite(name: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) reject(name, "a finite number", value);
  return value;
}

/** A finite number above 0. */
export function checkPositive(name: string, value: unknown): number {
  if (typeof value !== "number" || !(value > 0 && value < Infinity)) reject(name, "a number > 0", value);
  return value;
}

/** A finite number, 0 or more. */
export function checkNonNegative(name: string, value: unknown): number {
  if (typeof value !== "number" || !(value >= 0 && value < Infinity)) reject(name, "a number ≥ 0", value);
  return value;
}

/** A finite number in [minimum, maximum], both ends included. */
export function checkRange(name: string, value: unknown, minimum: number, maximum: number): number {
  if (typeof value !== "number" || !(value >= minimum && value <= maximum)) {
    reject(name, `a number in [${minimum}, ${maximum}]`, value);
  }
  return value;
}

/** A whole number in [minimum, maximum], both ends included. */
export function checkInteger(name: string, value: unknown, minimum: number, maximum = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || (value as number) < minimum || (value as number) > maximum) {
    const open = maximum === Number.MAX_SAFE_INTEGER;
    reject(name, open ? `a whole number ≥ ${minimum}` : `a whole number in [${minimum}, ${maximum}]`, value);
  }
  return value as number;
}

/** A seed: a whole number in [0, 2^53 − 1]. */
export function checkSeed(value: unknown, name = "seed"): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) reject(name, "a whole number in [0, 2^53 − 1]", value);
  return value as number;
}

/** `true` or `false`. */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") reject(name, "true or false", value, "none");
  return value;
}

/** One of the named choices. */
export function checkOneOf<Choice extends string>(name: string, value: unknown, choices: readonly Choice[]): Choice {
  if (!(choices as readonly unknown[]).includes(value)) {
    reject(name, choices.map((choice) => JSON.stringify(choice)).join(" | "), value, "string");
  }
  return value as Choice;
}
