import type { Command } from "commander";
import type { ModelInfo } from "../../index.js";
import { type ModelOfFile, readModel, requireModelFile } from "../model-file.js";
import type { Context, OutputOptions } from "../output.js";
import { bytes, count, counted } from "../quantities.js";
import { checkReadable } from "../ratings-file.js";
import { wordsOfClass } from "../trainable-models.js";

const EXAMPLES = `
Examples:
  lowrank info movies.safetensors
  lowrank info movies.safetensors --json

The whole file is read and checked, so that it can be relied upon where this succeeds. It is in the safetensors
format, which Python and Rust read too.

Next: lowrank recommend and lowrank similar ask the model.`;

export function defineInfo(command: Command): Command {
  return command
    .summary("tell what is in a model file")
    .description("Tell what is in a model file: the model and its options, its sizes, and whether it keeps ratings.")
    .argument("<model>", "a model file, as train --save writes")
    .addHelpText("after", EXAMPLES);
}

export async function info(path: string, _flags: OutputOptions, context: Context): Promise<void> {
  await checkReadable(path);
  await requireModelFile(path);
  const { output } = context;
  const file = await readModel(path, context);
  if (output.json) output.document(infoDocument(path, file));
  else for (const [name, text] of infoLines(path, file)) output.print(`${name.padEnd(13)} ${text}`);
}

function infoLines(path: string, { model, header }: ModelOfFile): [name: string, text: string][] {
  const { users, items, options } = model;
  const written = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return [
    ["file", `${path}, ${bytes(header.bytes)}`],
    ["model", header.model],
    ["written by", `lowrank ${header.lowrankVersion}`],
    ["users", users.size > 0 ? count(users.size) : "none: for visitors, who are folded in"],
    ["items", count(items.size)],
    [wordsOfClass(header.model).units.name, `${count(header.factors)} each, in ${header.precision}`],
    ["interactions", interactionsText(header)],
    ["range", isClipped(header) ? header.range.join(" to ") : "none: predictions are not clipped"],
    ...written.map((text, at): [string, string] => [at === 0 ? "options" : "", text]),
    ...(written.length === 0 ? ([["options", "none"]] as [string, string][]) : []),
  ];
}

function interactionsText({ model, numInteractions }: ModelInfo): string {
  const { entry, done } = wordsOfClass(model).words;
  if (numInteractions === undefined) return `not kept: what users have ${done} is not left out`;
  return `${counted(numInteractions, entry)} kept, to leave out what users have ${done}`;
}

const isClipped = ({ range }: ModelInfo): boolean => range.every(Number.isFinite);

function infoDocument(path: string, { model, header }: ModelOfFile): Record<string, unknown> {
  const { bytes: size, model: name, lowrankVersion, factors, precision, numInteractions = null } = header;
  const range = isClipped(header) ? header.range : null;
  return {
    command: "info",
    file: path,
    bytes: size,
    lowrankVersion,
    model: { name, options: model.options },
    numUsers: model.users.size,
    numItems: model.items.size,
    factors,
    precision,
    numInteractions,
    range,
  };
}
