import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import Table from "cli-table3";
import type { Machine } from "./machine.js";
import type { Outcome } from "./rounds.js";
import type { BenchCase } from "./suite.js";

/** A case and what came out, as the JSON has it. */
export interface CaseReport {
  name: string;
  size: string;
  unit: string;
  baseline: string;
  outcomes: Outcome[];
}

export interface SuiteReport {
  suite: string;
  date: string;
  quick: boolean;
  rounds: number;
  machine: Machine;
  cases: CaseReport[];
}

/** 0.0123 ms → "12.3 µs". */
export function formatTime(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toPrecision(3)} s`;
  return ms >= 1 ? `${ms.toPrecision(3)} ms` : `${(ms * 1000).toPrecision(3)} µs`;
}

/** 12345678 → "12.3 M". */
export function formatCount(count: number): string {
  for (const [unit, size] of [["G", 1e9] as const, ["M", 1e6] as const, ["k", 1e3] as const]) {
    if (count >= size) return `${(count / size).toPrecision(3)} ${unit}`;
  }
  return count.toPrecision(3);
}

export function printCase({ name, size, unit, baseline }: BenchCase, outcomes: readonly Outcome[]): void {
  const table = new Table({
    head: ["", "min", "median", `${unit}/s best`, "median", `× ${baseline}: min`, "median", "checksum"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const outcome of outcomes) {
    table.push([
      outcome.name,
      formatTime(outcome.minimum),
      formatTime(outcome.median),
      formatCount(outcome.bestRate),
      formatCount(outcome.medianRate),
      outcome.ratio.minimum.toFixed(2),
      outcome.ratio.median.toFixed(2),
      `${outcome.checksum} ok`,
    ]);
  }
  console.log(`\n${name}: ${size}\n${table}`);
  for (const { name, facts } of outcomes) {
    const told = Object.entries(facts).map(([fact, number]) => `${fact} ${Number(number.toPrecision(4))}`);
    if (told.length > 0) console.log(`${name}: ${told.join(", ")}`);
  }
}

/** Writes a result where later runs, the README's figures and people find it. */
export function writeJson(report: unknown, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`\nwritten to ${path}`);
}
