/** The same bits on another version of Node: LOWRANK_OTHER_NODE names its binary. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import {
  EXPECTED_ALTERNATING_HASHES,
  EXPECTED_AUTOENCODER_HASHES,
  EXPECTED_FIT_HASHES,
  EXPECTED_SERVING_HASH,
} from "./golden.js";

const otherNode = process.env["LOWRANK_OTHER_NODE"];

test.skipIf(!otherNode)("a reproducible fit and its answers have the same bits on another Node", async () => {
  const version = execFileSync(otherNode!, ["--version"], { encoding: "utf8" }).trim();
  expect(version).not.toBe(process.version);
  const folder = mkdtempSync(join(tmpdir(), "lowrank-node-"));
  try {
    const program = `
      import * as golden from "./test/models/golden.ts";
      const hashes = { serving: await golden.servingHash(2) };
      for (const name of Object.keys(golden.EXPECTED_FIT_HASHES)) hashes[name] = await golden.fitHash(name, 2);
      for (const name of Object.keys(golden.EXPECTED_ALTERNATING_HASHES)) {
        hashes[name] = await golden.alternatingHash(name, 2);
      }
      for (const name of Object.keys(golden.EXPECTED_AUTOENCODER_HASHES)) {
        hashes[name] = await golden.autoencoderHash(name, 2);
      }
      console.log(JSON.stringify(hashes));`;
    const outfile = join(folder, "golden.mjs");
    const stdin = { contents: program, resolveDir: "." };
    await build({ stdin, bundle: true, format: "esm", platform: "node", outfile, logLevel: "silent" });
    const printed = execFileSync(otherNode!, [outfile], { encoding: "utf8" });
    const expected = {
      ...EXPECTED_FIT_HASHES,
      ...EXPECTED_ALTERNATING_HASHES,
      ...EXPECTED_AUTOENCODER_HASHES,
      serving: EXPECTED_SERVING_HASH,
    };
    expect(JSON.parse(printed)).toEqual(expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
