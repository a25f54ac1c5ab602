/** Messages of the library speak of options in TypeScript; here they are said as flags. */

/** learningRate → learning-rate */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const NEGATED = new Set(["biases", "globalMean", "clip", "quotes", "header"]);

function flagOf(name: string): string {
  return name === "k" ? "--folds" : `--${kebabCase(name)}`;
}

/** What the library says of whole files and rows, where a flag would not be the whole advice. */
const REWORDINGS: readonly [RegExp, string | ((...match: string[]) => string)][] = [
  [/; a string is taken as CSV text if it holds a line break$/, ""],
  [/\bcolumns\.(user|item|value|timestamp)\b/g, "--$1-column"],
  [
    /; say which to read, like columns: \{ ([^}]*) \}/,
    (_, columns) => `; say which to read, like ${asFlags(columns!)}`,
  ],
  [/or header: false if it is data/, "or --no-header if it is data"],
  [/as header is false/, "as --no-header says"],
  [/\bheader must be true or false\b/, "--header or --no-header must be given"],
  [/\bseparator must be given\b/, "--separator must be given"],
  [/\bquotes: false reads\b/, "--no-quotes reads"],
  [/choose duplicates: (.*)$/, (_, policies) => `use --duplicates ${policies!.replace(/"/g, "")}`],
  [/pass stream\.pipeThrough\(.*\)/, "unpack it first (gunzip)"],
  [/pass the CSV in it/, "unpack it first"],
];

/** `user: "a", item: "b"` → `--user-column "a" --item-column "b"` */
function asFlags(columns: string): string {
  return columns.replace(/(?:^|, )(user|item|value): /g, " --$1-column ").trim();
}

/** Of the library's words for its options, those that a message may begin with or give advice on. */
const OPTION = /^([a-z][A-Za-z]*)(?= must )|\b(?<=lower |raise )([a-z][A-Za-z]*)\b/g;

/** A message of the library in the words of the command line. */
export function inFlagWords(message: string): string {
  let text = message;
  for (const [pattern, replacement] of REWORDINGS) text = text.replace(pattern, replacement as string);
  return text.replace(OPTION, (name: string) => {
    const rule = NEGATED.has(name) ? `--no-${kebabCase(name)}` : flagOf(name);
    return name === "train" || name === "test" ? name : rule;
  });
}
