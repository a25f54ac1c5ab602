/** Ids as texts of the command line ↔ those of a model, and what is told of one that is unknown. */
import type { Id, IdIndex } from "../index.js";
import { Failure } from "./failure.js";
import { counted } from "./quantities.js";

export type Side = "user" | "item";

/** The ids of one side, and the file they come from. */
export interface KnownIds {
  side: Side;
  ids: IdIndex;
  path: string;
}

/** The id that a text is, or undefined. Where a model has numbers and texts, a text comes first. */
export function findId(ids: IdIndex, text: string): Id | undefined {
  const index = ids.indexOf(text);
  if (index >= 0) return ids.idAt(index);
  const number = Number(text);
  return String(number) === text && ids.has(number) ? number : undefined;
}

/** @param where the text stands, such as "users.txt line 3" @throws {Failure} that names ids like it */
export function requireId(known: KnownIds, text: string, where = ""): Id {
  const id = findId(known.ids, text);
  if (id !== undefined) return id;
  throw new Failure(`${where}${where && ": "}${describeUnknownId(known, text)}`);
}

/** @throws {Failure} where a model was saved without its users */
export function requireAnyId({ side, ids, path }: KnownIds): void {
  if (ids.size > 0) return;
  throw new Failure(`${path} has no ${side}s: it was saved without them, to serve visitors from a program`);
}

/** `ratings.csv has no user "ann"; did you mean anna?` */
export function describeUnknownId({ side, ids, path }: KnownIds, text: string): string {
  const nearest = ids.nearest(text);
  const examples = (): Id[] => Array.from({ length: Math.min(3, ids.size) }, (_, index) => ids.idAt(index));
  const hint =
    nearest.length > 0
      ? `did you mean ${alternatives(nearest)}?`
      : `it has ${counted(ids.size, side)}, such as ${alternatives(examples())}`;
  return `${path} has no ${side} ${JSON.stringify(text)}; ${hint}`;
}

/** "1, 2 or 3" */
function alternatives(ids: readonly Id[]): string {
  return ids.length < 2 ? ids.join() : `${ids.slice(0, -1).join(", ")} or ${ids.at(-1)}`;
}
