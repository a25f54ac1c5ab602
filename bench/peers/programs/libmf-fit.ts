/** A fit of LIBMF by its wrapper for Node, which prints a line an iteration, and its predictions of what was held out. */
import { writeFileSync } from "node:fs";
import type { LibmfRequest } from "../libmf.js";
import { begin, finish, importPeer, readColumns, readRequest } from "./javascript-peer.js";

interface Libmf {
  Matrix: new () => { push(row: number, column: number, value: number): void };
  Model: new (options: object) => { fit(data: object): void; p(): number[][]; q(): number[][]; bias(): number };
}

const request = readRequest<LibmfRequest & { folder: string }>();
const { data, factors, threads, bins, epochs, regularization, learningRate, predictions } = request;
const { Matrix, Model } = await importPeer<Libmf>(request.folder, "libmf");
const { users, items, values } = readColumns(data, "train");
const matrix = new Matrix();
for (let at = 0; at < users.length; at++) matrix.push(users[at]!, items[at]!, values[at]!);
const lambdas = { lambdaP1: 0, lambdaP2: regularization, lambdaQ1: 0, lambdaQ2: regularization };
const model = new Model({ factors, threads, bins, iterations: epochs, learningRate, ...lambdas, quiet: false });
begin();
const start = performance.now();
model.fit(matrix);
finish({ fitSeconds: (performance.now() - start) / 1e3 });
if (predictions !== undefined) {
  const [p, q, mean] = [model.p(), model.q(), model.bias()];
  const sorted = values.toSorted();
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  const test = readColumns(data, "test");
  const predict = (user: number, at: number) => {
    const [row, column] = [p[user], q[test.items[at]!]];
    const score = row && column ? row.reduce((sum, factor, place) => sum + factor * column[place]!, 0) : mean;
    return Math.min(Math.max(Number.isNaN(score) ? mean : score, least), most); // rows without data are NaN
  };
  writeFileSync(predictions, Float32Array.from(test.users, predict));
}
