import { expect, test } from "vitest";
import { runChild } from "./child-process.js";

const RATINGS = `
  const ratings = Interactions.fromObjects(Array.from({ length: 3000 }, (_, at) => (
    { userId: at % 97, itemId: Math.floor(at / 97), value: 1 + (at * 7) % 5 }
  )));
`;

test("a script that fits a model and disposes of nothing ends by itself", async () => {
  const script = `
    import { Interactions, MatrixFactorization } from "lowrank";
    ${RATINGS}
    const model = await new MatrixFactorization({ factors: 8, epochs: 2, threads: 2 }).fit(ratings);
    console.log("score", model.predict(1, 2) > 1);
  `;
  expect(await runChild(script)).toEqual({ code: 0, signal: null, stdout: "score true\n", stderr: "" });
});

test("a fit keeps its process alive until it is over, with nothing else to wait for", async () => {
  const script = `
    import { Interactions, MatrixFactorization } from "lowrank";
    ${RATINGS}
    new MatrixFactorization({ factors: 8, epochs: 300, threads: 2 }).fit(ratings).then(() => console.log("fitted"));
  `;
  expect(await runChild(script)).toEqual({ code: 0, signal: null, stdout: "fitted\n", stderr: "" });
});

test("a fit that fails, or is aborted, does not keep its process alive", async () => {
  const script = `
    import { Interactions, MatrixFactorization } from "lowrank";
    ${RATINGS}
    const wild = new MatrixFactorization({ factors: 8, learningRate: 1e6, threads: 2 });
    await wild.fit(ratings).catch((error) => console.log(error.message.slice(0, 28)));
    const onEpoch = () => controller.abort("enough");
    const controller = new AbortController();
    const model = new MatrixFactorization({ factors: 8, threads: 2 });
    await model.fit(ratings, { signal: controller.signal, onEpoch }).catch(console.log);
  `;
  const stdout = "MatrixFactorization diverged\nenough\n";
  expect(await runChild(script)).toEqual({ code: 0, signal: null, stdout, stderr: "" });
});

test("workers that started for a job which was aborted meanwhile do not keep their process alive", async () => {
  const script = `
    import { Engine } from "./src/engine/engine.ts";
    import { countingJob } from "./test/engine/jobs.ts";
    const engine = new Engine();
    const controller = new AbortController();
    const running = engine.run(countingJob(engine, engine.arena.scope()), { threads: 2, signal: controller.signal });
    setTimeout(() => controller.abort("enough"), 0);
    await running.catch((reason) => console.log(reason, engine.pool.threads.length));
  `;
  expect(await runChild(script)).toEqual({ code: 0, signal: null, stdout: "enough 2\n", stderr: "" });
});

test("importing the package starts nothing", async () => {
  const script = `
    import { MatrixFactorization } from "lowrank";
    const names = process.getActiveResourcesInfo().filter((name) => /Worker|Message/.test(name));
    console.log(typeof MatrixFactorization, names.length);
  `;
  expect(await runChild(script)).toEqual({ code: 0, signal: null, stdout: "function 0\n", stderr: "" });
});
