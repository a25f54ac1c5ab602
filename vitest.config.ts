import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { findChromium } from "./scripts/chromium.mjs";

const executablePath = findChromium();

/** What a page must be served with to be given shared memory. */
const CROSS_ORIGIN_ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const QUIET_CHROMIUM = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

function browserProject(name: string, include: string[], headers: Record<string, string>) {
  return {
    server: { headers },
    test: {
      name,
      include,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath: executablePath!, args: QUIET_CHROMIUM } }),
        instances: [{ browser: "chromium" as const }],
      },
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/browser/**"],
          testTimeout: 60_000,
          allowOnly: false, // the linter takes every `fit(…)` for a focused test, so this keeps them out
          pool: "forks",
        },
      },
      ...(executablePath
        ? [
            browserProject(
              "chromium",
              ["test/browser/isolated.test.ts", "test/models/golden.test.ts", "test/assembly/**/*.test.ts"],
              CROSS_ORIGIN_ISOLATION,
            ),
            browserProject(
              "chromium, not isolated",
              ["test/browser/not-isolated.test.ts", "test/models/golden.test.ts"],
              {},
            ),
          ]
        : []),
    ],
  },
});
