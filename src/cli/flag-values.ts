/** Texts of the command line → values, or an error that names the flag, the rule and the text. */
import { InvalidArgumentError } from "commander";

type Parser<Value> = (text: string) => Value;

/** A whole number ≥ `minimum`. */
export function wholeNumber(minimum: number): Parser<number> {
  return (text) => {
    const value = numberIn(text);
    if (Number.isSafeInteger(value) && value >= minimum) return value;
    throw new InvalidArgumentError(`must be a whole number ≥ ${minimum}`);
  };
}

/** Any number but an infinite one. */
export function finiteNumber(text: string): number {
  const value = numberIn(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError("must be a number");
}

/** A number in [0, 1). */
export function fraction(text: string): number {
  const value = numberIn(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("must be a number in [0, 1)");
}

/** A column's position, from 0, if the text is a whole number, else its name. */
export function column(text: string): string | number {
  if (text === "") throw new InvalidArgumentError("must be a column's name, or its position from 0");
  return /^\d+$/.test(text) ? Number(text) : text;
}

const SEPARATOR_NAMES: Record<string, string> = { "\\t": "\t", tab: "\t", comma: ",", semicolon: ";", space: " " };

/** What stands between columns; shells make a tab hard to type, so it has a name. */
export function separator(text: string): string {
  if (text === "") throw new InvalidArgumentError('must be a text such as "," or tab, or auto');
  return Object.hasOwn(SEPARATOR_NAMES, text) ? SEPARATOR_NAMES[text]! : text;
}

/** Two columns, as `item,title`. */
export function columnPair(text: string): [string | number, string | number] {
  const parts = text.split(",");
  if (parts.length !== 2) throw new InvalidArgumentError("must be two columns, as in movieId,title or 0,1");
  return [column(parts[0]!.trim()), column(parts[1]!.trim())];
}

/** Gathers a flag that may be given several times. */
export function collected(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function numberIn(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}
