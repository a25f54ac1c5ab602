/** How the README's figures are written. */
import { readFileSync } from "node:fs";

export const resultOf = (name) => JSON.parse(readFileSync(`bench/results/${name}.json`, "utf8"));
export const millions = (rate) => (rate / 1e6).toFixed(1);
export const thousands = (rate) => (rate / 1e3).toFixed(1);
/** 0.00123 → "1.23 µs". */
export const milliseconds = (ms) => (ms >= 1 ? `${ms.toPrecision(3)} ms` : `${(1000 * ms).toPrecision(3)} µs`);
/** 1234 → "1.23 s". */
export const seconds = (ms) => `${(ms / 1000).toPrecision(3)} s`;
export const percent = (share) => `${(100 * share).toFixed(0)} %`;
export const machineOf = ({ processor, cores, node }) => `${processor}, ${cores} cores, Node ${node}`;
export const table = (head, rows) =>
  [head, head.map((_, at) => (at === 0 ? "---" : "--:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
