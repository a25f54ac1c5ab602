import { beforeAll } from "vitest";
import { engine } from "../../src/engine/engine.js";

/** Has a file's tests run on threads from the first job on, where there can be any: what is little would not start them. */
export function onThreads(): void {
  beforeAll(() => engine().pool.prepare(7));
}
