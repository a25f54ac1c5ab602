/** How fast, and in how much memory, 25 million rows of CSV become interactions, in a fresh process. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reading } from "../children/read-csv.js";
import { runChild } from "../harness/child.js";
import { writeRatingsFile } from "../harness/ratings-file.js";
import type { BenchCase, Suite } from "../harness/suite.js";

function* cases({ quick }: { quick: boolean }): Iterable<BenchCase> {
  const rows = quick ? 50_000 : 25_000_000;
  const folder = mkdtempSync(join(tmpdir(), "lowrank-csv-"));
  const path = join(folder, "ratings.csv");
  try {
    const written = writeRatingsFile(path, rows);
    const bytes = statSync(path).size;
    const readings: Reading[] = [];
    yield {
      name: "fromCsv",
      size: `${rows} rows of userId,movieId,rating,timestamp, ${(bytes / 1e6).toFixed(0)} MB`,
      unit: "rows",
      baseline: "lowrank",
      warmUp: false,
      competitors: [
        {
          name: "lowrank",
          work: rows,
          async run() {
            const reading = await runChild<Reading>(new URL("../children/read-csv.ts", import.meta.url), path);
            readings.push(reading);
            return [reading.seconds * 1e3];
          },
          check() {
            const wrong = readings.find(({ sums }) => JSON.stringify(sums) !== JSON.stringify(written));
            if (wrong) throw new Error(`sums must be ${JSON.stringify(written)}, got ${JSON.stringify(wrong.sums)}`);
            return `${written.mixed}`;
          },
          facts: () => ({
            peakMemoryGB: Math.max(...readings.map(({ peak }) => peak)) / 1e9,
            processorSeconds: Math.min(...readings.map(({ processorSeconds }) => processorSeconds)),
            megabytesPerSecond: bytes / 1e6 / Math.min(...readings.map(({ seconds }) => seconds)),
          }),
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const suite: Suite = { about: "reading a CSV file of ratings, in a fresh process", rounds: 3, cases };
export default suite;
