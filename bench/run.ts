/** Runs suites of bench/suites: npx tsx bench/run.ts [suite…] [--quick] [--only a,b] [--rounds N] [--json PATH] */
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeMachine, machineHeader } from "./harness/machine.js";
import { type CaseReport, printCase, type SuiteReport, writeJson } from "./harness/report.js";
import { runCase } from "./harness/rounds.js";
import type { BenchCase, Suite } from "./harness/suite.js";

const DEFAULT_ROUNDS = 5;
const QUICK_ROUNDS = 2;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    rounds: { type: "string" },
    json: { type: "string" },
    list: { type: "boolean", default: false },
  },
});

function suiteNames(): string[] {
  const files = readdirSync(new URL("suites/", import.meta.url)).sort();
  const names = files.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -3));
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`suite must be one of ${names.join(", ")}, got "${unknown}"`);
  if (flags.json !== undefined && positionals.length !== 1) throw new Error("--json needs exactly one suite");
  return positionals.length > 0 ? positionals : names;
}

function roundsOf(suite: Suite): number {
  if (flags.rounds === undefined) return flags.quick ? QUICK_ROUNDS : (suite.rounds ?? DEFAULT_ROUNDS);
  const rounds = Number(flags.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds must be a whole number ≥ 1`);
  return rounds;
}

/** The competitors whose case or name contains one of the words of `--only`, and the baseline beside them. */
function selected(benchCase: BenchCase): BenchCase | undefined {
  if (flags.only === undefined) return benchCase;
  const words = flags.only.split(",");
  const matches = (name: string) => words.some((word) => name.includes(word));
  if (matches(benchCase.name)) return benchCase;
  if (!benchCase.competitors.some(({ name }) => matches(name))) return undefined;
  const { baseline, competitors } = benchCase;
  return { ...benchCase, competitors: competitors.filter(({ name }) => name === baseline || matches(name)) };
}

async function runSuite(name: string): Promise<void> {
  const { default: suite } = (await import(`./suites/${name}.ts`)) as { default: Suite };
  if (flags.list) return console.log(`${name}: ${suite.about}`);
  const machine = describeMachine();
  const rounds = roundsOf(suite);
  const times = `${rounds} rounds${flags.quick ? ", toy sizes" : ""}`;
  console.log(`\n${name}: ${suite.about}\n${machineHeader(machine)} · ${times}`);
  const cases: CaseReport[] = [];
  for await (const all of suite.cases({ quick: flags.quick })) {
    const benchCase = selected(all);
    if (!benchCase) continue;
    const outcomes = await runCase(benchCase, rounds);
    printCase(benchCase, outcomes);
    const { size, unit, baseline } = benchCase;
    cases.push({ name: benchCase.name, size, unit, baseline, outcomes });
  }
  const report: SuiteReport = {
    suite: name,
    date: new Date().toISOString(),
    quick: flags.quick,
    rounds,
    machine,
    cases,
  };
  const folder = flags.quick ? "results/quick/" : "results/";
  const path = flags.json ?? decodeURIComponent(new URL(`${folder}${name}.json`, import.meta.url).pathname);
  writeJson(report, path);
}

for (const name of suiteNames()) await runSuite(name);
