import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { MATRIX_FACTORIZATION_DEFAULTS } from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";

const place = new Workplace();
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

beforeAll(() => {
  place.write("ratings.csv", csvOf(someRatings()));
});

const COMMANDS = ["train", "evaluate", "recommend", "similar", "info", "download"];

describe("help", () => {
  test("--version is the package's", async () => {
    expect(await place.run("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("without a command: first steps", async () => {
    const [bare, help] = await Promise.all([place.run(), place.run("--help")]);
    expect(bare).toEqual(help);
    expect(help.code).toBe(0);
    for (const name of COMMANDS) expect(help.stdout).toContain(`\n  ${name} `);
    expect(help.stdout).toContain("lowrank download ml-latest-small");
  });

  test.each(["train", "evaluate", "recommend", "similar"])(
    "%s shows every option of the model with its default",
    async (name) => {
      const { code, stdout } = await place.run(name, "--help");
      expect(code).toBe(0);
      const text = stdout.replace(/\n {10,}/g, " ");
      for (const [option, standard] of Object.entries(MATRIX_FACTORIZATION_DEFAULTS)) {
        const flag = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        if (standard === true) expect(text).toMatch(new RegExp(`^  --no-${flag} `, "m"));
        else if (standard === false) expect(text).toMatch(new RegExp(`^  --${flag} `, "m"));
        else expect(text).toMatch(new RegExp(`^  --${flag} <.*\\(default: ${standard}\\)$`, "m"));
      }
      expect(text).toContain(`Examples:\n  lowrank ${name} `);
      expect(text).toMatch(/^Next: lowrank /m);
    },
  );

  test.each(["download", "info"])("%s has examples", async (name) => {
    const { stdout } = await place.run(name, "--help");
    expect(stdout).toContain(`Examples:\n  lowrank ${name}`);
    expect(stdout).toMatch(/^Next: lowrank /m);
  });

  test("train says what the saved model is", async () => {
    const { stdout } = await place.run("train", "--help");
    expect(stdout).toMatch(
      /^--save writes the very model that the table is about: it has not learned from what was held/m,
    );
  });
});

const hasScript = spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") ?? false;

/** What a terminal of 110 columns is sent. */
function onTerminal(environment: string, ...argv: string[]): { code: number | null; text: string } {
  const command = `stty cols 110 rows 40; ${environment} '${process.execPath}' '${place.program}' ${argv.join(" ")}`;
  const env: NodeJS.ProcessEnv = { ...process.env, TERM: "xterm-256color" };
  delete env.NO_COLOR;
  const { status, stdout } = spawnSync("script", ["-qec", command, "/dev/null"], { cwd: place.folder, env });
  return { code: status, text: stdout.toString() };
}

describe.skipIf(!hasScript)(`on a terminal${hasScript ? "" : " (skipped: there is no util-linux script here)"}`, () => {
  const flags = ["train", "ratings.csv", "--epochs", "3", "--validation-fraction", "0.1"];

  test("a bar and a boxed table", () => {
    const { code, text } = onTerminal("", ...flags);
    expect(code).toBe(0);
    expect(text).toMatch(/epoch 3\/3 ━+ RMSE \d\.\d{4}, validation \d\.\d{4} {2}[\d.]+ M ratings\/s {2}done/);
    expect(text).toContain("│ matrix factorisation │");
    expect(text).toContain("\u001b[1mRMSE\u001b[22m");
  });

  test("NO_COLOR leaves colours out, --quiet the bar", () => {
    const { text } = onTerminal("NO_COLOR=1", ...flags, "--quiet");
    expect(text).not.toContain("\u001b");
    expect(text).toMatch(/^┌/);
  });
});
