import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  ALTERNATING_LEAST_SQUARES_DEFAULTS,
  AUTOREC_DEFAULTS,
  IMPLICIT_ALS_DEFAULTS,
  MATRIX_FACTORIZATION_DEFAULTS,
} from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";

const place = new Workplace();
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

beforeAll(() => {
  place.write("ratings.csv", csvOf(someRatings()));
});

const COMMANDS = ["train", "evaluate", "recommend", "similar", "info", "download"];

const RATING_MODELS: Record<string, object> = {
  mf: MATRIX_FACTORIZATION_DEFAULTS,
  als: ALTERNATING_LEAST_SQUARES_DEFAULTS,
  autorec: AUTOREC_DEFAULTS,
};
const ALL_MODELS: Record<string, object> = { ...RATING_MODELS, "implicit-als": IMPLICIT_ALS_DEFAULTS };

const flagOf = (option: string): string => option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What help says is an option's default: once if it is that of all who have it, else by their names. */
function defaultText(option: string, models: Record<string, object>): string {
  const values = Object.entries(models).flatMap(([name, defaults]) =>
    Object.entries(defaults).flatMap(([each, value]) => (each === option ? [{ name, value }] : [])),
  );
  const distinct = [...new Set(values.map(({ value }) => value))];
  if (distinct.length === 1) return String(distinct[0]);
  const namesOf = (value: unknown) => values.filter((each) => each.value === value).map(({ name }) => name);
  const textOf = (value: unknown) =>
    `${namesOf(value)
      .join(", ")
      .replace(/, ([^,]*)$/, " and $1")} ${value}`;
  return distinct.map(textOf).join(", ");
}

/** The flags under a heading. */
function flagsUnder(heading: string, help: string): string[] {
  const [, section = ""] = help.split(`\n${heading}\n`);
  return [...section.split("\n\n")[0]!.matchAll(/^ {2}--([\w-]+)/gm)].map(([, flag]) => flag!);
}

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

  test.each([
    ["train", ALL_MODELS],
    ["evaluate", RATING_MODELS],
    ["recommend", ALL_MODELS],
    ["similar", ALL_MODELS],
  ])("%s shows every option of the models with its default", async (name, models) => {
    const { code, stdout } = await place.run(name, "--help");
    expect(code).toBe(0);
    const text = stdout.replace(/\n {10,}/g, " ");
    for (const [option, standard] of Object.values(models).flatMap((defaults) => Object.entries(defaults))) {
      const flag = flagOf(option);
      if (standard === true) expect(text).toMatch(new RegExp(`^  --no-${flag} `, "m"));
      else if (standard === false) expect(text).toMatch(new RegExp(`^  --${flag} `, "m"));
      else {
        const standards = defaultText(option, models).replace(/[.]/g, "\\.");
        expect(text).toMatch(new RegExp(`^  --${flag} <.*\\(default: ${standards}\\)$`, "m"));
      }
    }
    expect(text).toMatch(new RegExp(`^  --model <name> .*\\(${Object.keys(models).join(", ")}; default: mf\\)$`, "m"));
    expect(text).toContain(`Examples:\n  lowrank ${name} `);
    expect(text).toMatch(/^Next: lowrank /m);
  });

  test("flags stand under the models that have them", async () => {
    const [train, evaluate] = await Promise.all([place.run("train", "--help"), place.run("evaluate", "--help")]);
    const shared = Object.keys(IMPLICIT_ALS_DEFAULTS).filter((option) =>
      Object.values(ALL_MODELS).every((defaults) => option in defaults),
    );
    const models = flagsUnder("Model:", train.stdout);
    expect(models[0]).toBe("model");
    expect(models.slice(1).sort()).toEqual(shared.map(flagOf).sort());
    const ofGradients = ["optimizer", "learning-rate", "learning-rate-schedule"];
    expect(flagsUnder("Model mf or autorec:", train.stdout)).toEqual(ofGradients);
    for (const name of ["autorec", "implicit-als"]) {
      const others = Object.keys(ALL_MODELS).filter((each) => each !== name);
      const alone = Object.keys(ALL_MODELS[name]!).filter((option) =>
        others.every((each) => !(option in ALL_MODELS[each]!)),
      );
      const own = flagsUnder(`Model ${name}:`, train.stdout).map((flag) => flag.replace(/^no-/, ""));
      expect(own.sort()).toEqual(alone.map(flagOf).sort());
    }
    expect(flagsUnder("Model als or implicit-als:", train.stdout)).toEqual(["tolerance"]);
    expect(flagsUnder("Model mf, als or implicit-als:", train.stdout)).toEqual(["factors"]);
    expect(evaluate.stdout).not.toMatch(/^Model implicit-als:/m);
    expect(evaluate.stdout).not.toContain("--alpha");
  });

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
