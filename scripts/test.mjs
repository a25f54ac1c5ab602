/**
 * Runs all tests, or those that the arguments name (they go to vitest), says what was skipped and why, and ends with
 * the count alone on a line: `123 passed, 0 failed`, with `, 4 skipped` behind it where some were.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { findChromium } from "./chromium.mjs";

const RESULTS = "build/test-results.json";

mkdirSync("build", { recursive: true });
rmSync(RESULTS, { force: true });
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${RESULTS}`];
const vitest = ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, vitest, { stdio: "inherit" });

if (!findChromium()) console.log("Browser tests were skipped: no Chromium was found (CHROMIUM_PATH can name one).");
if (!process.env.LOWRANK_DATA) console.log("Tests on MovieLens data were skipped: LOWRANK_DATA names no folder.");
const { numPassedTests, numFailedTests, numPendingTests, numTotalTestSuites, testResults, success } = JSON.parse(
  readFileSync(RESULTS, "utf8"),
);
// A file that cannot be loaded has no tests to fail, and counts as one.
const brokenFiles = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
const failed = numFailedTests + brokenFiles + (status !== 0 && success && numTotalTestSuites === 0 ? 1 : 0);
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
console.log(`${numPassedTests} passed, ${failed} failed${skipped}`);
process.exit(status ?? 1);
