/** Writing a trained model to a file. */
import { stat } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { Model } from "../index.js";
import { Failure, messageOf, UsageError } from "./failure.js";
import type { Context } from "./output.js";
import { checkWritable } from "./writable-path.js";

export interface SaveFlags {
  save?: string;
  float16: boolean;
  seen: boolean;
}

/** The file that was written. */
export interface SavedModel {
  file: string;
  bytes: number;
}

export function addSaveFlags(command: Command): Command {
  return command
    .optionsGroup("Saving:")
    .option("--save <file>", "write the model there, such as movies.safetensors, for recommend, similar and load()")
    .addOption(new Option("--float16", "write factors in half precision: half the size, about 3 digits").default(false))
    .option(
      "--no-seen",
      "leave the ratings out of the file: smaller, but recommend no longer leaves out what is rated",
    );
}

/** @param inputs files that are read @throws {UsageError | Failure} before anything is trained */
export async function checkSaving({ save, float16, seen }: SaveFlags, inputs: readonly string[]): Promise<void> {
  if (save === undefined) {
    if (float16 || !seen) throw new UsageError(`${float16 ? "--float16" : "--no-seen"} needs --save <file>`);
    return;
  }
  const place = await checkWritable(save, "--save", inputs);
  if (place === "device") throw new Failure(`cannot write ${save}: it is a pipe or a device, a model needs a file`);
}

/** Writes the file, whole or not at all; undefined if that is not asked for. */
export async function saveModel(
  model: Model,
  { save, float16, seen }: SaveFlags,
  { signal }: Context,
): Promise<SavedModel | undefined> {
  if (save === undefined) return undefined;
  try {
    await model.save(save, { float16, seen, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Failure(messageOf(error), { cause: error });
  }
  return { file: save, bytes: (await stat(save)).size };
}
