/** From nothing to the first prediction, in fresh processes, with the built package. */
import { existsSync } from "node:fs";
import { runChild } from "../harness/child.js";
import { median, minimum } from "../harness/statistics.js";
import type { BenchCase, Competitor, Suite } from "../harness/suite.js";

const ENTRY = new URL("../../dist/index.js", import.meta.url);
const FACTORS = 64;
/** Every factor is ¼, so the first prediction is known: k / 16, and no more terms than that. */
const SCORE = FACTORS / 16;

/** When each step was done, in ms since the process began. */
interface Steps {
  started: number;
  imported: number;
  given: number;
  constructed: number;
  predicted: number;
  score: number;
}

/** The time of one part of a start, each run in a process of its own. */
function part(name: string, sizes: object, duration: (steps: Steps) => number): Competitor {
  const all: Steps[] = [];
  return {
    name,
    work: 1,
    async run() {
      const request = { entry: ENTRY.href, factors: FACTORS, ...sizes };
      const steps = await runChild<Steps>(new URL("../children/startup.mjs", import.meta.url), request);
      all.push(steps);
      return [duration(steps)];
    },
    check() {
      const wrong = all.find(({ score }) => !(Math.abs(score - SCORE) < 1e-5));
      if (wrong) throw new Error(`${name}: the first prediction must be ${SCORE}, got ${wrong.score}`);
      return String(SCORE);
    },
    facts() {
      const imports = all.map(({ started, imported }) => imported - started);
      const constructs = all.map(({ given, constructed }) => constructed - given);
      const predictions = all.map(({ constructed, predicted }) => predicted - constructed);
      return {
        importMedianMs: median(imports),
        constructMedianMs: median(constructs),
        predictMedianMs: median(predictions),
        importMinMs: minimum(imports),
        constructMinMs: minimum(constructs),
        predictMinMs: minimum(predictions),
      };
    },
  };
}

function* cases({ quick }: { quick: boolean }): Iterable<BenchCase> {
  if (!existsSync(ENTRY)) return console.log("skipped: dist/index.js is not built");
  const sizes = quick ? { numUsers: 100, numItems: 50 } : { numUsers: 6040, numItems: 3706 };
  const fromImport = ({ started, imported, given, predicted }: Steps) => imported - started + (predicted - given);
  yield {
    name: "first prediction",
    size: `${sizes.numUsers} × ${sizes.numItems}, k ${FACTORS}, factors given`,
    unit: "starts",
    baseline: "Node itself",
    warmUp: false,
    competitors: [
      part("Node itself", sizes, ({ started }) => started),
      part("import → construct → predict", sizes, fromImport),
    ],
  };
}

const suite: Suite = { about: "import, construct, first prediction, each in a fresh process", rounds: 12, cases };
export default suite;
