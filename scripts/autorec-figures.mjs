/** What the README tells of bench/results/autorec.json: epochs whole and pass by pass, and the larger shape. */
import { machineOf, milliseconds, percent, seconds, table } from "./figure-formats.mjs";

const ONE = "lowrank, threads 1";
const TWO = "lowrank, threads 2";
const REPRODUCIBLE = "lowrank reproducible, threads 1";
const THREADS = ["1 thread", "2 threads", "`reproducible`, 1"];
const SPEED = ["GFLOP/s, 1", "of the core's peak"];

const speedOf = ({ gflops, shareOfPeak }) => [gflops.toFixed(1), percent(shareOfPeak)];

export function autorecFigures({ cases, machine }) {
  const outcomesOf = (name) => cases.find((each) => each.name === name).outcomes;
  const outcomeOf = (name, competitor) => outcomesOf(name).find((outcome) => outcome.name === competitor);
  const learning = outcomeOf("learnTiles, batch 512", ONE).facts;
  return (
    "One epoch of `AutoRec` with 500 hidden units over 6,040 users × 3,706 items and 1 million ratings (MovieLens-1M's " +
    "shape, made up), the epoch's training error included; the best of the rounds, the ratio to plain JS the median of the rounds'. " +
    "GFLOP/s count the five sums over the ratings and nothing else. " +
    `${machineOf(machine)} (\`npm run bench autorec\`, [result](bench/results/autorec.json)):\n\n${fits(outcomeOf)}\n\n` +
    `Pass by pass, in batches of 512:\n\n${passes(outcomeOf)}\n\n${shares(learning)} ${largeShape(outcomeOf)}`
  );
}

/** Of the best times: a neighbour on the other core leaves the median of so few rounds telling of itself. */
const threadsRatio = (of) => `${(of(ONE).minimum / of(TWO).minimum).toFixed(2)} ×`;

function fits(outcomeOf) {
  const rows = [256, 512].map((size) => {
    const of = (competitor) => outcomeOf(`batch ${size}`, competitor);
    return [
      `batches of ${size}`,
      ...["js", ONE, TWO, REPRODUCIBLE].map((competitor) => seconds(of(competitor).minimum)),
      ...speedOf(of(ONE).facts),
      `${of(ONE).ratio.median.toFixed(1)} ×`,
      threadsRatio((competitor) => outcomeOf(`threads, batch ${size}`, competitor)),
    ];
  });
  return table(["an epoch", "plain JS", ...THREADS, ...SPEED, "to JS, a core", "2 threads to 1"], rows);
}

function passes(outcomeOf) {
  const rows = ["encodeTiles", "decodeRows", "learnTiles"].map((pass) => {
    const of = (competitor) => outcomeOf(`${pass}, batch 512`, competitor);
    return [
      `\`${pass}\``,
      ...[ONE, TWO, REPRODUCIBLE].map((competitor) => milliseconds(of(competitor).minimum)),
      ...speedOf(of(ONE).facts),
      threadsRatio(of),
    ];
  });
  return table(["an epoch's", ...THREADS, ...SPEED, "2 threads to 1"], rows);
}

function shares({ shareScatterErrors, shareGatherCodes, shareGatherErrors, shareSteps }) {
  return (
    `Of \`learnTiles\`, the errors of the codes take ${percent(shareScatterErrors)}, the gradients of the output weights ` +
    `${percent(shareGatherCodes)}, those of the encoder ${percent(shareGatherErrors)}, Adam's steps ${percent(shareSteps)}.`
  );
}

function largeShape(outcomeOf) {
  const told = ["auto", "512"].map((size) => {
    const of = (shape, threads) => outcomeOf(`10M shape, batch ${size}, threads ${threads}`, shape).facts;
    const [one, two] = [1, 2].map((threads) => {
      const large = of("10M", threads).nsPerRating;
      const ratio = large / of("1M", threads).nsPerRating;
      return `${seconds(10 * large)} (a rating ${ratio.toFixed(2)} × the 1M shape's)`; // ns a rating, 10 million ratings
    });
    const batches = size === "auto" ? '`batchSize: "auto"`' : `\`batchSize: ${size}\``;
    const memory = Math.max(of("10M", 1).peakMemoryGB, of("10M", 2).peakMemoryGB).toFixed(2);
    return `with ${batches} ${one} on one thread, ${two} on two, ${memory} GB resident at the peak`;
  });
  return `An epoch of the 10M shape (69,878 × 10,677, 10 million ratings) in a fresh process: ${told.join("; ")}.`;
}
