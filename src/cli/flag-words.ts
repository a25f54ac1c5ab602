/** Messages of the library speak of options in TypeScript; here they are said as flags. */
import { ALL_MODELS, MODEL_KINDS } from "./trainable-models.js";

/** "mf or als", "mf, als or autorec" */
export function listed(names: readonly string[], conjunction: "and" | "or"): string {
  const last = names.at(-1)!;
  return names.length === 1 ? last : `${names.slice(0, -1).join(", ")} ${conjunction} ${last}`;
}

/** learningRate → learning-rate */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const OPTION_FLAGS = new Map([
  ["duplicates", "--duplicates"],
  ["separator", "--separator"],
  ...ALL_MODELS.flatMap((model) => Object.keys(MODEL_KINDS[model].defaults)).map(
    (name) => [name, `--${kebabCase(name)}`] as const,
  ),
]);

type Reword = string | ((...match: string[]) => string);

/** Advice in code → advice in flags. */
const REWORDINGS: readonly [RegExp, Reword][] = [
  [/; a string is taken as CSV text if it holds a line break$/, ""],
  [/\bcolumns\.(user|item|value|timestamp)\b/g, "--$1-column"],
  [/; say which to read, like columns: \{ ([^}]*) \}/, (_, columns) => `; say which to read: ${asFlags(columns!)}`],
  [/or header: false if it is data/, "or --no-header if it is data"],
  [/as header is false/, "as --no-header says"],
  [/\bheader must be true or false\b/, "--header or --no-header must be given"],
  [/\bquotes: false reads\b/, "--no-quotes reads"],
  [
    /choose duplicates: (.*)$/,
    (_, policies) => `use --duplicates ${policies!.replace(/"/g, "").replace(/ \| /g, "|")}`,
  ],
  [/pass stream\.pipeThrough\(.*\)$/, "unpack it first (gunzip)"],
  [/pass the CSV in it$/, "unpack it first"],
  [/^(MatrixFactorization|AutoRec) diverged/, "the training diverged"],
  [/^(AlternatingLeastSquares|ImplicitALS): /, ""],
];

/** `user: "a", item: "b"` → `--user-column "a" --item-column "b"` */
function asFlags(columns: string): string {
  return columns.replace(/(?:^|, )(user|item|value): /g, " --$1-column ").trim();
}

/** Where a message names an option: at its beginning, and in advice. */
const OPTION = /^[a-z][A-Za-z]*(?= must )|(?<=\b(?:lower|raise|with more|be at least) )[a-z][A-Za-z]*/g;

/** A message of the library in the words of the command line. */
export function inFlagWords(message: string): string {
  let text = message;
  for (const [pattern, replacement] of REWORDINGS) text = text.replace(pattern, replacement as string);
  return text.replace(OPTION, (name) => OPTION_FLAGS.get(name) ?? name);
}
