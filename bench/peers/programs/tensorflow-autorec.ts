/** AutoRec of items as a dense network in TensorFlow.js with its wasm backend: epochs, and what it predicts. */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { DenseRequest } from "../dense-autorec.js";
import { finish, readColumns, readFloats, readRequest } from "./javascript-peer.js";

// biome-ignore lint/suspicious/noExplicitAny: its own types are where it is installed, not here
type TensorFlow = any;

const request = readRequest<DenseRequest & { bundle: string }>();
const { bundle, data, hidden, batchSize, epochs, threads, learningRate, range } = request;
const { numUsers, numItems } = data;
const { tf, wasm }: TensorFlow = createRequire(bundle)(bundle);
wasm.setWasmPaths(`${join(dirname(bundle), "node_modules/@tensorflow/tfjs-backend-wasm/dist")}/`);
wasm.setThreadsCount(threads);
await tf.setBackend("wasm");
await tf.ready();

const { users, items } = readColumns(data, "train");
const values = readFloats(request.centred);
const scale = Math.sqrt(numItems / users.length);
const parameters = [
  tf.variable(tf.randomNormal([numUsers, hidden], 0, scale, "float32", 1)),
  tf.variable(tf.zeros([hidden])),
  tf.variable(tf.randomNormal([hidden, numUsers], 0, 0.1 / Math.sqrt(hidden), "float32", 2)),
  tf.variable(tf.zeros([numUsers])),
];
const batches = denseBatches();
const optimizer = tf.train.adam(learningRate);
const stamps: number[] = [];
const begin = performance.now();
for (let epoch = 0; epoch < epochs; epoch++) {
  for (const { rows, mask } of batches)
    tf.tidy(() => void optimizer.minimize(() => lossOf(rows, mask), false, parameters));
  await parameters[0].data(); // what was asked for is done
  stamps.push((performance.now() - begin) / 1e3);
}
finish({ stamps, fitSeconds: stamps.at(-1), simd: Number(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) });
await predict();

/** Rows of ratings and of ones where there is one, batch by batch, in the items' order. */
function denseBatches(): { rows: TensorFlow; mask: TensorFlow }[] {
  return Array.from({ length: Math.ceil(numItems / batchSize) }, (_, batch) => {
    const [first, last] = [batch * batchSize, Math.min((batch + 1) * batchSize, numItems)];
    const [rows, mask] = [0, 0].map(() => new Float32Array((last - first) * numUsers)) as [Float32Array, Float32Array];
    for (let at = 0; at < users.length; at++) {
      if (items[at]! < first || items[at]! >= last) continue;
      const place = (items[at]! - first) * numUsers + users[at]!;
      rows[place] = values[at]!;
      mask[place] = 1;
    }
    const shape = [last - first, numUsers];
    return { rows: tf.tensor2d(rows, shape), mask: tf.tensor2d(mask, shape) };
  });
}

function reconstructed(rows: TensorFlow): TensorFlow {
  const codes = tf.sigmoid(tf.add(tf.matMul(rows, parameters[0]), parameters[1]));
  return tf.add(tf.matMul(codes, parameters[2]), parameters[3]);
}

function lossOf(rows: TensorFlow, mask: TensorFlow): TensorFlow {
  const squares = tf.sum(tf.square(tf.mul(tf.sub(reconstructed(rows), rows), mask)));
  const decay = tf.add(tf.sum(tf.square(parameters[0])), tf.sum(tf.square(parameters[2])));
  return tf.add(squares, tf.mul(decay, request.weightDecay / 2));
}

async function predict(): Promise<void> {
  const outputs: Float32Array[] = [];
  for (const { rows } of batches) outputs.push(await tf.tidy(() => reconstructed(rows)).data());
  const base = readFloats(request.base);
  const test = readColumns(data, "test");
  const score = (user: number, at: number) => {
    const item = test.items[at]!;
    const output = outputs[Math.floor(item / batchSize)]![(item % batchSize) * numUsers + user]!;
    return Math.min(Math.max(output + base[at]!, range[0]), range[1]);
  };
  writeFileSync(request.predictions, Float32Array.from(test.users, score));
}
