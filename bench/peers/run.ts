/**
 * Measures lowrank against what people would pick instead, and installs that first.
 *
 *   npm run bench:peers -- [scenario…] [--quick] [--only a,b] [--rounds N] [--with torch]
 *
 * Everything is installed and made below build/peers. Results go to bench/results/peers, a file a scenario.
 */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine, machineHeader } from "../harness/machine.js";
import { writeJson } from "../harness/report.js";
import type { PeerCase, Scenario } from "./comparison.js";
import { type Installation, install, isInstalled } from "./install/install.js";
import { packageSize } from "./install/package-size.js";
import type { PeerName } from "./peers.js";
import { printCase } from "./print.js";
import { type CaseReport, runCase } from "./rounds.js";

const DEFAULT_ROUNDS = 3;
const QUICK_ROUNDS = 1;
const ENTRY = new URL("../../dist/index.js", import.meta.url);

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    rounds: { type: "string" },
    with: { type: "string", multiple: true, default: [] },
    list: { type: "boolean", default: false },
  },
});

/** What a scenario came to, as the JSON has it. */
export interface ScenarioReport {
  scenario: string;
  about: string;
  date: string;
  quick: boolean;
  rounds: number;
  machine: ReturnType<typeof describeMachine>;
  /** Bytes on disk that `npm install` brings, ours and theirs, and what versions were there. */
  installBytes: Record<string, number>;
  packages: Record<string, readonly string[]>;
  /** What runs peers that are not JavaScript. */
  interpreters: string[];
  cases: CaseReport[];
}

function scenarioNames(): string[] {
  const files = readdirSync(new URL("scenarios/", import.meta.url)).sort();
  const names = files.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -3));
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`scenario must be one of ${names.join(", ")}, got "${unknown}"`);
  return positionals.length > 0 ? positionals : names;
}

function roundsOf({ rounds = DEFAULT_ROUNDS }: Scenario): number {
  if (flags.rounds === undefined) return flags.quick ? QUICK_ROUNDS : rounds;
  const asked = Number(flags.rounds);
  if (!Number.isSafeInteger(asked) || asked < 1)
    throw new Error(`--rounds must be a whole number ≥ 1, got ${flags.rounds}`);
  return asked;
}

/** The peers' contenders whose case or name has one of the words of `--only` in it, and ours that they are compared with. */
function selected(peerCase: PeerCase): PeerCase | undefined {
  if (flags.only === undefined) return peerCase;
  const words = flags.only.split(",");
  const matches = (name: string) => words.some((word) => name.includes(word));
  if (matches(peerCase.name)) return peerCase;
  const theirs = peerCase.theirs.filter(({ name }) => matches(name));
  if (theirs.length === 0) return undefined;
  const comparisons = peerCase.comparisons.filter((comparison) => matches(comparison.theirs));
  const ours = peerCase.ours.filter(({ name }) => comparisons.some((comparison) => comparison.ours === name));
  return { ...peerCase, ours, theirs, comparisons };
}

const installations = new Map<PeerName, Installation>();

async function installAll({ theirs }: PeerCase): Promise<void> {
  for (const { peer } of theirs) {
    if (!installations.has(peer)) installations.set(peer, await install(peer, flags.with));
  }
}

async function runScenario(name: string): Promise<boolean> {
  const { default: scenario } = (await import(`./scenarios/${name}.ts`)) as { default: Scenario };
  if (flags.list) return console.log(`${name}: ${scenario.about}`) === undefined;
  const machine = describeMachine();
  const rounds = roundsOf(scenario);
  console.log(
    `\n${name}: ${scenario.about}\n${machineHeader(machine)} · ${rounds} rounds${flags.quick ? ", toy sizes" : ""}`,
  );
  const cases: CaseReport[] = [];
  for await (const all of scenario.cases({ quick: flags.quick })) {
    const peerCase = selected(all);
    if (!peerCase) continue;
    await installAll(peerCase);
    const report = await runCase(peerCase, rounds, (peer) => installations.get(peer)!);
    printCase(report);
    cases.push(report);
  }
  const installed = [...installations].flatMap(([peer, installation]) =>
    isInstalled(installation) ? [[peer, installation] as const] : [],
  );
  const report: ScenarioReport = {
    scenario: name,
    about: scenario.about,
    date: new Date().toISOString(),
    quick: flags.quick,
    rounds,
    machine,
    installBytes: {
      lowrank: await packageSize(),
      ...Object.fromEntries(installed.map(([peer, { installBytes }]) => [peer, installBytes])),
    },
    packages: Object.fromEntries(installed.map(([peer, { packages }]) => [peer, packages])),
    interpreters: [...new Set(installed.flatMap(([, { interpreter }]) => interpreter ?? []))],
    cases,
  };
  const folder = flags.quick || flags.only !== undefined ? "quick/peers" : "peers";
  writeJson(report, fileURLToPath(new URL(`../results/${folder}/${name}.json`, import.meta.url)));
  return !cases.some(({ comparisons }) => comparisons.some(({ reason }) => reason?.startsWith("not the same work")));
}

if (!existsSync(ENTRY)) throw new Error("dist/index.js is not built: npm run build");
for (const name of scenarioNames()) {
  if (!(await runScenario(name))) process.exitCode = 1;
}
