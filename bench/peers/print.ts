/** A case's figures as a table on the terminal. */
import Table from "cli-table3";
import { formatTime } from "../harness/report.js";
import type { CaseReport, ComparisonReport } from "./rounds.js";

export function printCase({ name, size, unit, heldEqual, contenders, comparisons }: CaseReport): void {
  const table = new Table({
    head: [unit, "min", "median", "facts"],
    colAligns: ["left", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const { name: contender, missing, minimum, median, facts } of contenders) {
    if (missing !== undefined) {
      table.push([contender, { colSpan: 3, content: missing }]);
      continue;
    }
    const told = Object.entries(facts).map(([fact, number]) => `${fact} ${Number(number.toPrecision(5))}`);
    table.push([contender, formatTime(minimum * 1e3), formatTime(median * 1e3), told.join(", ")]);
  }
  console.log(`\n${name}: ${size}; equal: ${heldEqual}\n${table}`);
  for (const comparison of comparisons) console.log(comparisonLine(comparison));
}

function comparisonLine({ ours, theirs, ratio, reason, goal }: ComparisonReport): string {
  if (!ratio) return `${ours} against ${theirs}: ${reason}`;
  const asked = goal === undefined ? "" : ` (goal ${goal} ×)`;
  return `${ours} against ${theirs}: median ${ratio.median.toFixed(2)} ×, least ${ratio.minimum.toFixed(2)} ×${asked}`;
}
