/** The same bits on another version of Node: LOWRANK_OTHER_NODE names its binary. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { EXPECTED_FIT_HASHES, EXPECTED_SERVING_HASH } from "./golden.js";

const otherNode = process.env["LOWRANK_OTHER_NODE"];

test.skipIf(!otherNode)("a reproducible fit and its answers have the same bits on another Node", async () => {
  const version = execFileSync(otherNode!, ["--version"], { encoding: "utf8" }).trim();
  expect(version).not.toBe(process.version);
  const folder = mkdtempSync(join(tmpdir(), "lowrank-node-"));
  try {
    const program = `
      import { EXPECTED_FIT_HASHES, fitHash, servingHash } from "./test/models/golden.ts";
      const hashes = { serving: await servingHash(2) };
      for (const optimizer of Object.keys(EXPECTED_FIT_HASHES)) hashes[optimizer] = await fitHash(optimizer, 2);
      console.log(JSON.stringify(hashes));`;
    const outfile = join(folder, "golden.mjs");
    const stdin = { contents: program, resolveDir: "." };
    await build({ stdin, bundle: true, format: "esm", platform: "node", outfile, logLevel: "silent" });
    const printed = execFileSync(otherNode!, [outfile], { encoding: "utf8" });
    expect(JSON.parse(printed)).toEqual({ ...EXPECTED_FIT_HASHES, serving: EXPECTED_SERVING_HASH });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
