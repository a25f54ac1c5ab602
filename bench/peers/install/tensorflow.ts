/** TensorFlow.js in one file: Node cannot import the part of it that knows derivatives from where npm puts it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { InstalledPeer } from "./install.js";

const ENTRY = `
import "@tensorflow/tfjs-core/dist/register_all_gradients";
export * as tf from "@tensorflow/tfjs-core";
export * as wasm from "@tensorflow/tfjs-backend-wasm";
`;

/** @returns the file. */
export async function bundleTensorflow({ folder }: InstalledPeer): Promise<string> {
  const outfile = join(folder, "tensorflow.cjs");
  if (existsSync(outfile)) return outfile;
  const stdin = { contents: ENTRY, resolveDir: folder };
  await build({ stdin, outfile, bundle: true, platform: "node", format: "cjs", logLevel: "error" });
  return outfile;
}
