import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

export interface ChildResult {
  code: number | null;
  /** What ended it, if it did not end by itself. */
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Long enough for a machine with other work; what does not end by itself is ended then. */
const TIME_LIMIT_MILLISECONDS = 45_000;

/**
 * Bundles a script, in which "lowrank" is the library's source and other paths are seen from the project's root, runs it
 * in a Node of its own, and waits for its end.
 */
export async function runChild(script: string, nodeOptions: readonly string[] = []): Promise<ChildResult> {
  const folder = mkdtempSync(join(tmpdir(), "lowrank-test-"));
  try {
    const { outputFiles } = await build({
      stdin: { contents: script, resolveDir: process.cwd(), loader: "ts" },
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node20",
      alias: { lowrank: "./src/index.ts" },
      define: { LOWRANK_VERSION: '"test"' },
      logLevel: "error",
    });
    const path = join(folder, "script.mjs");
    writeFileSync(path, outputFiles[0]!.contents);
    return await run([...nodeOptions, path]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[]): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { timeout: TIME_LIMIT_MILLISECONDS });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (piece: Buffer) => {
      stdout += piece;
    });
    child.stderr.on("data", (piece: Buffer) => {
      stderr += piece;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
