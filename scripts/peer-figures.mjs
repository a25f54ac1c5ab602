/** What is told of bench/results/peers: the README's table, the page beside the results with everything, and the chart's bars. */
import { readdirSync } from "node:fs";
import { resultOf, seconds, table } from "./figure-formats.mjs";

/** The order in which scenarios are told. */
const ORDER = [
  "sgd-libmf",
  "sgd-surprise",
  "explicit-als",
  "implicit-als",
  "autorec",
  "recommend",
  "cholesky",
  "csv",
  "model-file",
];

export function peerReports() {
  const names = readdirSync("bench/results/peers")
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length));
  return names.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)).map((name) => resultOf(`peers/${name}`));
}

const times = (ratio) => `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(3)} ×`;
const duration = (s) =>
  s >= 1 ? seconds(1e3 * s) : s >= 1e-3 ? `${(1e3 * s).toPrecision(3)} ms` : `${(1e6 * s).toPrecision(3)} µs`;
const megabytes = (bytes) => `${(bytes / 1e6).toPrecision(3)} MB`;
const contenderOf = ({ contenders }, name) => contenders.find((contender) => contender.name === name);

/** "implicit ALS, k 64, threads 2" → ["implicit ALS, k 64", 2]; one thread where no number is said. */
function workAndThreads(name) {
  const [, work, threads] = /^(.*), threads (\d+)$/.exec(name) ?? [undefined, name, "1"];
  return [work, Number(threads)];
}

/** Comparisons of the same work by the same contenders, whatever the number of threads, side by side. */
export function peerRows(reports) {
  const rows = new Map();
  for (const { scenario, cases } of reports) {
    for (const peerCase of cases) {
      const [work, threads] = workAndThreads(peerCase.name);
      for (const comparison of peerCase.comparisons) {
        const { ours, theirs } = comparison;
        const key = [scenario, work, ours, theirs].join();
        const row = rows.get(key) ?? { scenario, work, ours, theirs, unit: peerCase.unit, byThreads: new Map() };
        row.byThreads.set(threads, { ...comparison, peerCase });
        rows.set(key, row);
      }
    }
  }
  return [...rows.values()];
}

/** The machine, the interpreters and the packages, as they were at each scenario. */
export function machinesOf(reports) {
  const of = ({ machine, interpreters }) =>
    [`${machine.processor}, ${machine.cores} cores`, `Node ${machine.node}`, ...interpreters].join(", ");
  return [...new Set(reports.map(of))].join("; ");
}

function ratioCell(comparison) {
  if (!comparison) return "";
  return comparison.ratio ? `${times(comparison.ratio.median)} (${times(comparison.ratio.minimum)})` : "–";
}

/** Ours and theirs on one thread, or on as many as there are. */
function timeCells({ byThreads, ours, theirs }) {
  const { peerCase, ratio } = byThreads.get(1) ?? [...byThreads.values()][0];
  if (!ratio) return ["–", "–"];
  return [ours, theirs].map((name) => duration(contenderOf(peerCase, name).median));
}

/** The README's section. */
export function peers() {
  const reports = peerReports();
  const rows = peerRows(reports);
  const compared = rows.filter(({ byThreads }) => [...byThreads.values()].some(({ ratio }) => ratio));
  const cells = compared.map((row) => [
    ...[row.work, row.unit, row.ours, row.theirs],
    ...timeCells(row),
    ...[1, 2].map((threads) => ratioCell(row.byThreads.get(threads))),
  ]);
  const head = ["", "time of", "lowrank", "against", "lowrank, 1 thread", "theirs", "ratio, 1 thread", "2 threads"];
  return (
    `Against what people would pick instead, each at its best settings, in turn, every run in a fresh process: their time over ours, ` +
    `the median of the rounds (and the least). ${machinesOf(reports)} (\`npm run bench:peers -- --with torch\`; ` +
    `[everything that was measured](bench/results/peers/README.md): what was held equal, quality reached, memory, install sizes).\n\n` +
    `![Their time over lowrank's, one thread and two](bench/results/peers/chart.svg)\n\n${table(head, cells)}\n\n${lost(compared)}`
  );
}

/** The comparisons that ours does not win, with the reason: those that share one on one line. */
function lost(rows) {
  const losses = new Map();
  for (const { work, theirs, byThreads } of rows) {
    const slower = [...byThreads.values()].find(({ ratio }) => ratio && ratio.median < 1);
    if (!slower) continue;
    const { why = "no reason is known" } = slower;
    losses.set(why, [...(losses.get(why) ?? []), `${work}, against ${theirs}`]);
  }
  if (losses.size === 0) return "No row is lost.";
  return `Lost, and why:\n\n${[...losses].map(([why, which]) => `- ${which.join("; ")}: ${why}`).join("\n")}`;
}

/** The page beside the results: every contender of every case. */
export function peerPage() {
  const reports = peerReports();
  const sections = reports.map(
    ({ scenario, about, rounds, date, cases }) =>
      `## ${scenario}\n\n${about}; ${rounds} rounds, ${date.slice(0, 10)}.\n\n${cases.map(caseSection(reports)).join("\n\n")}`,
  );
  return (
    "# lowrank and its peers\n\n" +
    `Written by \`npm run readme:figures\` from the results in this folder, which \`npm run bench:peers -- --with torch\` writes. ` +
    `Contenders run in turn, each run in a fresh process; the least and the median of the rounds. ${machinesOf(reports)}.\n\n` +
    `${sections.join("\n\n")}\n\n## What an install brings\n\n${installTable(reports)}\n`
  );
}

const caseSection = (reports) => (peerCase) => {
  const { name, size, unit, heldEqual, contenders, comparisons } = peerCase;
  const installs = Object.assign({}, ...reports.map(({ installBytes }) => installBytes));
  const rows = contenders.map((contender) => contenderCells(contender, installs));
  const notes = contenders.flatMap(({ name: who, note, missing }) => (note && !missing ? [`${who}: ${note}.`] : []));
  const lines = comparisons.map(comparisonLine);
  return [
    `### ${name}`,
    `${size}. Held equal: ${heldEqual}.`,
    table([unit, "min", "median", "reached", "peak memory", "installs"], rows),
    ...(notes.length > 0 ? [notes.join(" ")] : []),
    lines.join("\n"),
  ].join("\n\n");
};

function contenderCells({ name, peer, missing, minimum, median, facts }, installs) {
  if (missing !== undefined) return [name, "–", "–", missing.replaceAll("|", "\\|"), "–", "–"];
  const { peakMemoryMB, ...others } = facts;
  const reached = Object.entries(others).map(([fact, number]) => `${fact} ${Number(number.toPrecision(5))}`);
  const memory = peakMemoryMB === undefined ? "–" : megabytes(1e6 * peakMemoryMB);
  return [name, duration(minimum), duration(median), reached.join(", "), memory, megabytes(installs[peer])];
}

function comparisonLine({ ours, theirs, ratio, reason, goal, why }) {
  if (!ratio) return `- ${ours} against ${theirs}: ${reason}`;
  const asked = goal === undefined ? "" : `; the goal is ${goal} ×`;
  const verdict = ratio.median < 1 ? "Lost" : ratio.median < goal ? "Short of the goal" : undefined;
  const because = verdict && why ? `. ${verdict}: ${why}` : "";
  return `- ${ours} against ${theirs}: median ${times(ratio.median)}, least ${times(ratio.minimum)}${asked}${because}`;
}

function installTable(reports) {
  const installs = Object.entries(Object.assign({}, ...reports.map(({ installBytes }) => installBytes)));
  const packages = Object.assign({ lowrank: ["nothing else"] }, ...reports.map((report) => report.packages));
  const rows = installs
    .sort((a, b) => a[1] - b[1])
    .map(([peer, bytes]) => [peer, packages[peer].join(", "), megabytes(bytes)]);
  return table(["", "packages asked for", "on disk with all they need"], rows);
}
