/** The kernels as files of the package: each has every family. */
import { readFileSync } from "node:fs";
import { describe } from "vitest";
import { KERNEL_NAMES, testBinary } from "../assembly/binary-format.js";

describe.each(["strict", "relaxed"])("lowrank.%s.wasm", (variant) => {
  testBinary(readFileSync(`dist/lowrank.${variant}.wasm`), Object.values(KERNEL_NAMES).flat());
});
