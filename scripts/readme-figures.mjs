/**
 * Writes what is told of bench/results: the README's tables, between their markers, and the page and the chart of peers.
 * `npm run readme:figures` after a bench; with --check it writes nothing and fails if they say something else.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { autorecFigures } from "./autorec-figures.mjs";
import { machineOf, millions, milliseconds, resultOf, table, thousands } from "./figure-formats.mjs";
import { peerChart } from "./peer-chart.mjs";
import { peerPage, peers } from "./peer-figures.mjs";

function quality() {
  const { movieLens, libmf, implicit } = resultOf("quality");
  const rows = movieLens.map(({ model, mean }, at) => [model, mean.toFixed(4), libmf[at].mean.toFixed(4)]);
  const [popularity] = implicit;
  const ranked = implicit.map(({ model, hitRate, ndcg }) => [
    ...[model, hitRate.toFixed(4), ndcg.toFixed(4)],
    ...[hitRate / popularity.hitRate, ndcg / popularity.ndcg].map((ratio) => `${ratio.toFixed(2)} ×`),
  ]);
  return (
    `${table(["test RMSE", "ml-latest-small", "LIBMF demo"], rows)}\n\n` +
    "Ratings of 4 and more as interactions of value 1, the last of each of 608 users left out and ranked among all items " +
    "that the user does not have: how often it is among the first ten, and with which discount.\n\n" +
    table(["ml-latest-small", "HR@10", "NDCG@10", "HR to popularity", "NDCG to popularity"], ranked)
  );
}

/** Epochs of every number of factors: plain JavaScript, one thread, two. */
function sgd({ cases, machine }) {
  const threads = resultOf("threads").cases;
  const rows = cases
    .filter(({ name }) => name.startsWith("sgd k "))
    .map(({ name, outcomes }) => {
      const of = (competitor) => outcomes.find((outcome) => outcome.name === competitor);
      const one = of("lowrank sgd, threads 1");
      const [alone, together] = threads.find((each) => each.name === name).outcomes;
      const rates = [
        "js",
        "lowrank sgd, threads 1",
        "lowrank sgd, threads 2",
        "lowrank adagrad, threads 1",
        "lowrank adam, threads 1",
      ];
      return [
        name.replace("sgd ", ""),
        ...rates.map((competitor) => millions(of(competitor).bestRate)),
        `${one.ratio.median.toFixed(1)} ×`,
        `${(together.bestRate / alone.bestRate).toFixed(2)} ×`,
      ];
    });
  const head = [
    "M ratings/s",
    "plain JS",
    "sgd, 1 thread",
    "sgd, 2 threads",
    "adagrad, 1",
    "adam, 1",
    "to JS, a core",
    "2 threads to 1",
  ];
  return (
    `One epoch over 69,878 users × 10,677 items and 10 million ratings (MovieLens-10M's shape, made up), biases and the epoch's training error included; ` +
    `best of several rounds, the ratio to plain JS the median of the rounds'. ${machineOf(machine)} (\`npm run bench sgd\`, ` +
    `[result](bench/results/sgd.json); the last column \`npm run bench threads\`, [result](bench/results/threads.json)):\n\n${table(head, rows)}`
  );
}

function netflix({ cases, machine }) {
  const of = (start) => cases.filter(({ name }) => name.startsWith(start)).at(-1);
  const factsOf = (each, shape) => each.outcomes.find((outcome) => outcome.name === shape).facts;
  const sgd = of("k 64");
  const facts = factsOf(sgd, "Netflix");
  const als = ["als k 32", "als k 64"].map((name) => factsOf(of(name), "Netflix"));
  return (
    `Netflix's shape, made up (480,189 × 17,770, 100 million ratings), ${sgd.name}: ${facts.nsPerRating.toFixed(1)} ns a ` +
    `rating (10M shape: ${factsOf(sgd, "10M").nsPerRating.toFixed(1)}), ${facts.peakMemoryGB.toFixed(2)} GB resident at the peak. ` +
    `An epoch of \`AlternatingLeastSquares\` on both cores: k 32 ${(als[0].nsPerRating / 10).toFixed(1)} s, ` +
    `k 64 ${(als[1].nsPerRating / 10).toFixed(1)} s, ${Math.max(...als.map((each) => each.peakMemoryGB)).toFixed(2)} GB. ` +
    `${machineOf(machine)} (\`npm run bench netflix\`, [result](bench/results/netflix.json)).`
  );
}

/** Epochs of alternating least squares by factors, and the kernels that they are made of against the peak. */
function als({ cases, machine }) {
  const caseOf = (name) => cases.find((each) => each.name === name);
  const outcomeOf = (name, competitor) => caseOf(name).outcomes.find((outcome) => outcome.name === competitor);
  const seconds = (outcome) => `${outcome.facts.secondsPerEpoch.toPrecision(3)} s`;
  const rows = [32, 64, 128, 256].map((k) => {
    const implicit = (label) => outcomeOf(`implicit k ${k}`, `lowrank implicit ${label}`);
    const explicit = (label) => outcomeOf(`explicit k ${k}`, `lowrank explicit ${label}`);
    return [
      `k ${k}`,
      ...["exact, threads 1", "exact, threads 2", "CG 3 steps, threads 1", "subspace 32, threads 1"].map((label) =>
        seconds(implicit(label)),
      ),
      `${implicit("exact, threads 1").ratio.median.toFixed(1)} ×`,
      ...["exact, threads 1", "exact, threads 2"].map((label) => seconds(explicit(label))),
      `${explicit("exact, threads 1").ratio.median.toFixed(1)} ×`,
    ];
  });
  const head = [
    "an epoch",
    "implicit, 1 thread",
    "2 threads",
    "CG, 1",
    "subspace, 1",
    "to JS, a core",
    "explicit, 1 thread",
    "2 threads",
    "to JS, a core",
  ];
  return (
    "One epoch of alternating least squares, users and items solved for once each, over 69,878 users × 10,677 items and 5 " +
    "million interactions; the best of the rounds, the ratio to plain JS the median of the rounds'. Exact solutions but " +
    `where it says otherwise, explicit ones with biases. ${machineOf(machine)} (\`npm run bench als\`, ` +
    `[result](bench/results/als.json)):\n\n${table(head, rows)}\n\n${rowSolve(resultOf("row-solve"))}`
  );
}

function rowSolve({ cases, machine }) {
  const of = (name, variant) =>
    cases.find((each) => each.name === name).outcomes.find((outcome) => outcome.name === `lowrank ${variant}`); // 100 rows come first
  const gram = (variant) => {
    const { gflops, executedGflops, peakGflops } = of("gram k 64", variant).facts;
    const share = (rate) => `${((100 * rate) / peakGflops).toFixed(0)} %`;
    return `${gflops.toFixed(1)} GFLOP/s (${share(gflops)} of the peak, ${share(executedGflops)} with the blocks on the diagonal whole)`;
  };
  const factor = (k) => `${(1000 * of(`factor k ${k}`, "relaxed").minimum).toFixed(1)} µs`;
  return (
    `The Gram matrix of 100 rows, k 64: ${gram("relaxed")}, \`reproducible\` ${gram("strict")}; a Cholesky factor of ` +
    `k 64 ${factor(64)}, k 128 ${factor(128)}. ${machineOf(machine)} (\`npm run bench row-solve\`, ` +
    "[result](bench/results/row-solve.json))."
  );
}

function solving() {
  return als(resultOf("als"));
}

function autoencoder() {
  return autorecFigures(resultOf("autorec"));
}

function csv({ cases, machine }) {
  const [{ bestRate, facts }] = cases[0].outcomes;
  return (
    `Reading CSV: ${millions(bestRate)} M rows a second and ${facts.peakMemoryGB.toFixed(2)} GB at the peak for ` +
    `25 million rows. ${machineOf(machine)} (\`npm run bench csv\`, [result](bench/results/csv.json)).`
  );
}

function startup({ cases, machine }) {
  const { median, minimum } = cases[0].outcomes.find(({ name }) => name.startsWith("import"));
  return (
    `From \`import\` to the first prediction of a model of 6,040 users and 3,706 items in a fresh process: ` +
    `${median.toFixed(0)} ms, at best ${minimum.toFixed(0)}. ${machineOf(machine)} (\`npm run bench startup\`, ` +
    `[result](bench/results/startup.json)).`
  );
}

function speed() {
  return [sgd, netflix, csv, startup].map((write) => write(resultOf(write.name))).join("\n\n");
}

/** Lists for everyone: plain JavaScript, one thread, two; the strict build beside the best. */
function recommend({ cases, machine }) {
  const rows = cases.map(({ name, outcomes }) => {
    const of = (competitor) => outcomes.find((outcome) => outcome.name === competitor);
    const one = of("lowrank, threads 1");
    const { gflops, shareOfPeak } = one.facts;
    return [
      name.replace(/^(\w+)/, "`$1`"),
      thousands(of("js").bestRate),
      thousands(one.bestRate),
      thousands(of("lowrank, threads 2").bestRate),
      thousands(of("lowrank reproducible, threads 1").bestRate),
      gflops.toFixed(1),
      `${(100 * shareOfPeak).toFixed(0)} %`,
      `${one.ratio.median.toFixed(1)} ×`,
    ];
  });
  const head = [
    "thousand lists/s",
    "plain JS",
    "1 thread",
    "2 threads",
    "`reproducible`, 1",
    "GFLOP/s, 1",
    "of the core's peak",
    "to JS, a core",
  ];
  return (
    `The best ten of 10,677 items for each of 69,878 users, what they have rated left out, and for each item those most ` +
    `like it; from the call to the result, best of several rounds, the ratio to plain JS the median of the rounds'. The ` +
    `peak is that of multiply and add in 128-bit SIMD, measured in the same run; GFLOP/s count every pair, whether it had to ` +
    `be scored or not. ${machineOf(machine)} ` +
    `(\`npm run bench recommend\`, [result](bench/results/recommend.json)):\n\n${table(head, rows)}`
  );
}

function queries({ cases, machine }) {
  const outcomes = cases.flatMap((each) => each.outcomes);
  const { facts: recommend, ratio } = outcomes.find(({ name }) => name === "lowrank, seen left out");
  const p50 = (query) => milliseconds(outcomes.find(({ name }) => name === query).facts.p50Ms);
  return (
    `One query, 100,000 items, k 64: \`recommend\` ${milliseconds(recommend.p50Ms)} (p99 ${milliseconds(recommend.p99Ms)}; ` +
    `${ratio.median.toFixed(0)} × plain JS), of 100 candidates ${p50("recommend, include 100")}; \`similarItems\` ` +
    `${p50("similarItems")}; \`predict\` ${p50("predict")}; \`foldIn\` of 20, 100 and 1,000 interactions ${p50("foldIn 20")}, ` +
    `${p50("foldIn 100")} and ${p50("foldIn 1000")}; \`explain\` ${p50("explain")}. Medians. ${machineOf(machine)} ` +
    `(\`npm run bench queries\`, [result](bench/results/queries.json)).`
  );
}

function modelFile({ cases, machine }) {
  const of = (part, file) => cases.find(({ name }) => name.startsWith(part)).outcomes.find(({ name }) => name === file);
  const load = (file) => `${of("load", file).median.toFixed(0)} ms`;
  const megabytes = (file) => `${of("save", file).facts.megabytes.toFixed(1)} MB`;
  return (
    `\`load\` and the first \`recommend\` in a fresh process, 70,000 users × 10,000 items × 64: ${load("number ids")} ` +
    `(${megabytes("number ids")}; with string ids ${load("string ids")}, with 10 million seen interactions ` +
    `${load("10000000 seen")}); as float16 ${megabytes("number ids, float16")}. Saving: ` +
    `${of("save", "number ids").facts.megabytesPerSecond.toFixed(0)} MB/s. ${machineOf(machine)} ` +
    `(\`npm run bench model-file\`, [result](bench/results/model-file.json)).`
  );
}

function serving() {
  const sections = [recommend(resultOf("recommend")), queries(resultOf("queries")), modelFile(resultOf("model-file"))];
  return sections.join("\n\n");
}

/** The README with each section between its markers written anew. */
function readme() {
  let text = readFileSync("README.md", "utf8");
  for (const write of [quality, peers, speed, solving, autoencoder, serving]) {
    const section = new RegExp(`(<!-- ${write.name} -->\n)[\\s\\S]*?(<!-- /${write.name} -->)`);
    text = text.replace(section, (_, begin, end) => `${begin}\n${write()}\n\n${end}`);
  }
  return text;
}

const written = {
  "README.md": readme,
  "bench/results/peers/README.md": peerPage,
  "bench/results/peers/chart.svg": peerChart,
};
for (const [path, write] of Object.entries(written)) {
  const text = write();
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    console.error(`${path} does not say what bench/results says; run npm run readme:figures`);
    process.exitCode = 1;
  }
}
