/** Programs in fresh processes: one run of one contender, which prints what it measured. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { interpreterOf } from "./install/python.js";

/** A line that a program printed, and when it arrived, in seconds since the program said that its work begins. */
export interface StampedLine {
  seconds: number;
  text: string;
}

export interface Printed<Result> {
  result: Result;
  /** What it printed between beginning its work and its result. */
  lines: StampedLine[];
}

/** Lines of a program that are for the bench. */
const BEGIN = "BEGIN";
const RESULT = "RESULT ";

/** A program of `programs/`: Python's in the environment of a peer, TypeScript's with this process's loaders. */
export interface Program {
  file: string;
  /** The environment's folder, for Python. */
  environment?: string;
  /** Further variables, for BLAS and the like. */
  variables?: Readonly<Record<string, string>>;
  /** Seconds without a line, once its work has begun, after which it is taken to hang and ended; absent: any. */
  silence?: number;
}

/** A program that hung: it may not when it runs once more. */
export class Hung extends Error {}

/** Set here and there to work around a machine; peers get BLAS as it is. */
const NOT_PASSED_ON = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"];

/** @throws with what the program said on its error output if it fails. */
export async function runProgram<Result>(program: Program, request: unknown): Promise<Printed<Result>> {
  const { file, environment, variables, silence } = program;
  const path = fileURLToPath(new URL(`programs/${file}`, import.meta.url));
  const [command, loaders] = file.endsWith(".py")
    ? [interpreterOf(environment!), ["-W", "ignore"]]
    : [process.execPath, file.endsWith(".ts") ? process.execArgv : []];
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.includes(name));
  const child = spawn(command, [...loaders, path, JSON.stringify(request)], {
    env: { ...Object.fromEntries(inherited), ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  const lines: StampedLine[] = [];
  let begun = 0;
  let hung = false;
  let watch: NodeJS.Timeout | undefined;
  let result: Result | undefined;
  for await (const text of createInterface({ input: child.stdout })) {
    const now = performance.now();
    clearTimeout(watch);
    if (silence !== undefined && !text.startsWith(RESULT)) {
      watch = setTimeout(() => {
        hung = true;
        child.kill("SIGKILL");
      }, 1e3 * silence);
    }
    if (text === BEGIN) begun = now;
    else if (text.startsWith(RESULT)) result = JSON.parse(text.slice(RESULT.length)) as Result;
    else if (begun > 0) lines.push({ seconds: (now - begun) / 1e3, text });
  }
  const code = await ended;
  clearTimeout(watch);
  if (hung) throw new Hung(`${file}: said nothing for ${silence} s`);
  if (code === 0 && result !== undefined) return { result, lines };
  throw new Error(`${file}: ${errorLine(errors) ?? `ended with ${code} and no result`}`);
}

/** The line of an error output that names the error: the last that looks like one, or else the last. */
export function errorLine(output: string): string | undefined {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return (lines.findLast((line) => /error\b/i.test(line)) ?? lines.at(-1))?.trim().slice(0, 300);
}
