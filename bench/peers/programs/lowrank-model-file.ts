/** A model of given factors saved by lowrank, or loaded and asked once. */
import { statSync } from "node:fs";
import { readFloats } from "../data-sets.js";
import { ANSWER_COUNT, type Answer, checkAnswer, type ModelFileRequest } from "../model-files.js";
import { finish, lowrank, readRequest } from "./lowrank.js";

const request = readRequest<ModelFileRequest>();
const { path, numUsers, numItems, factors } = request;

type Model = Pick<Awaited<ReturnType<typeof lowrank.load>>, "recommend">;

function ask(model: Model): Answer {
  const list = model.recommend(0, { count: ANSWER_COUNT });
  return { items: list.map(({ itemId }) => itemId as number), scores: list.map(({ score }) => score) };
}

async function save(): Promise<void> {
  const numbered = (size: number) => Array.from({ length: size }, (_, index) => index);
  const model = lowrank.MatrixFactorization.fromFactors({
    userIds: numbered(numUsers),
    itemIds: numbered(numItems),
    userFactors: readFloats(request.userFactors),
    itemFactors: readFloats(request.itemFactors),
  });
  const seconds: number[] = [];
  for (let turn = 0; turn < request.saves; turn++) {
    const begin = performance.now();
    await model.save(path);
    seconds.push((performance.now() - begin) / 1e3);
  }
  finish({ seconds, answer: ask(model), fileBytes: statSync(path).size });
}

async function load(): Promise<void> {
  const begin = performance.now();
  const model = await lowrank.load(path);
  const answer = ask(model);
  const seconds = (performance.now() - begin) / 1e3;
  checkAnswer(answer, request.expected, 0);
  if (!(model instanceof lowrank.MatrixFactorization)) throw new Error(`${path} holds another model`);
  const { userFactors, itemFactors } = model;
  if (userFactors.rows !== numUsers || itemFactors.rows !== numItems || userFactors.columns !== factors) {
    throw new Error(`${path} holds a model of another size`);
  }
  finish({ seconds });
}

await (request.action === "save" ? save() : load());
