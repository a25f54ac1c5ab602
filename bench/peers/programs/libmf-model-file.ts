/** A model saved by LIBMF's wrapper for Node after one iteration, or loaded and asked once. */
import { statSync } from "node:fs";
import { ANSWER_COUNT, type Answer, checkAnswer, type ModelFileRequest } from "../model-files.js";
import { finish, importPeer, readRequest } from "./javascript-peer.js";

interface Matrix {
  push(row: number, column: number, value: number): void;
}

interface Model {
  fit(data: Matrix): void;
  save(path: string): void;
  predict(row: number, column: number): number;
  rows(): number;
  columns(): number;
  factors(): number;
}

interface Libmf {
  Matrix: new () => Matrix;
  Model: { new (options: object): Model; load(path: string): Model };
}

/** A file has six digits of a number, of which a prediction sums up some dozens. */
const TOLERANCE = 1e-4;

const request = readRequest<ModelFileRequest & { folder: string }>();
const { path, numUsers, numItems, factors } = request;
const { Matrix, Model } = await importPeer<Libmf>(request.folder, "libmf");

function ask(model: Model): Answer {
  const items = Array.from({ length: ANSWER_COUNT }, (_, item) => item);
  return { items, scores: items.map((item) => model.predict(0, item)) };
}

/** Fits to a value for each user and each item, as a model cannot be given its factors. */
function save(): void {
  const data = new Matrix();
  for (let user = 0; user < numUsers; user++) data.push(user, user % numItems, 1 + (user % 5));
  for (let item = 0; item < numItems; item++) data.push((7 * item) % numUsers, item, 1 + (item % 5));
  const model = new Model({ factors, iterations: 1, threads: 1, quiet: true });
  model.fit(data);
  const seconds: number[] = [];
  for (let turn = 0; turn < request.saves; turn++) {
    const begin = performance.now();
    model.save(path);
    seconds.push((performance.now() - begin) / 1e3);
  }
  finish({ seconds, answer: ask(model), fileBytes: statSync(path).size });
}

function load(): void {
  const begin = performance.now();
  const model = Model.load(path);
  model.predict(0, 0);
  const seconds = (performance.now() - begin) / 1e3;
  checkAnswer(ask(model), request.expected, TOLERANCE);
  if (model.rows() !== numUsers || model.columns() !== numItems || model.factors() !== factors) {
    throw new Error(`${path} holds a model of another size`);
  }
  finish({ seconds });
}

if (request.action === "save") save();
else load();
