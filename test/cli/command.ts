/** Runs the command line as its users do: bundled, in a process of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";
import { type Interactions, syntheticRatings } from "../../src/index.js";

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

const REQUIRE =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';

/** A folder for one test file, with the bundled program in it; goes after the tests. */
export class Workplace {
  folder = "";

  constructor() {
    beforeAll(async () => {
      this.folder = mkdtempSync(join(tmpdir(), "lowrank-cli-"));
      await build({
        entryPoints: ["src/cli/main.ts"],
        outfile: this.program,
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node20.16",
        banner: { js: REQUIRE },
        define: { LOWRANK_VERSION: '"test"' },
        logLevel: "error",
      });
    });
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  get program(): string {
    return join(this.folder, "lowrank.mjs");
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string | Uint8Array): string {
    mkdirSync(join(this.path(name), ".."), { recursive: true });
    writeFileSync(this.path(name), text);
    return name;
  }

  /** The outcome of `lowrank …` in the folder. */
  run(...argv: string[]): Promise<Outcome> {
    const env = { ...process.env, DEBUG: "", NO_COLOR: "" };
    return new Promise((resolve) => {
      const options = { cwd: this.folder, env, maxBuffer: 2 ** 24 };
      const child = execFile(process.execPath, [this.program, ...argv], options, (_, stdout, stderr) => {
        resolve({ code: child.exitCode, stdout, stderr });
      });
    });
  }

  start(...argv: string[]): ChildProcess {
    return spawn(process.execPath, [this.program, ...argv], { cwd: this.folder });
  }
}

/** Ratings in which there is something to learn. */
export function someRatings(): Interactions {
  return syntheticRatings({ numUsers: 300, numItems: 120, numRatings: 12_000, noise: 0.4, biasShare: 0.3, seed: 5 })
    .interactions;
}

/** With a header, or with another separator and without one. */
export function csvOf(ratings: Interactions, separator = ","): string {
  const lines = separator === "," ? ["userId,movieId,rating,timestamp"] : [];
  let time = 1_000_000_000;
  for (const { userId, itemId, value } of ratings) lines.push([userId, itemId, value, time++].join(separator));
  return `${lines.join("\n")}\n`;
}
