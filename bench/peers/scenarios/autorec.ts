/** AutoRec of items with 500 hidden units: dense networks in torch and in TensorFlow.js. */
import {
  type Comparison,
  noWorse,
  type PeerCase,
  type PeerContender,
  type PeerContext,
  type Scenario,
} from "../comparison.js";
import { type DataSet, generated, movieLens } from "../data-sets.js";
import { type DenseSettings, measureDense } from "../dense-autorec.js";
import { ratingFit } from "../fits.js";
import { bundleTensorflow } from "../install/tensorflow.js";

const THREADS = [1, 2];
const HIDDEN = 500;
const QUICK_HIDDEN = 16;
const BATCH = 512;
const EPOCHS = { torch: 10, tensorflow: 2 };
/** Found by trying on the data of this bench: with larger steps or a smaller pull, what is held out is predicted worse. */
const LEARNING = { learningRate: 0.0025, weightDecay: 30 };
const TOLERANCE = 0.01;
const CENTRED =
  "ratings less the mean and biases, as ours takes them; given copies of its batches before the clock starts";

type Kind = keyof typeof EPOCHS;

interface Plan {
  name: string;
  data: DataSet;
  hidden: number;
}

function peerOf(kind: Kind, data: DataSet, settings: DenseSettings): PeerContender {
  if (kind === "torch") {
    return {
      name: "torch",
      peer: "torch",
      note: `dense float32, fused Adam, denormals flushed; ${CENTRED}`,
      run: ({ folder: environment }) => measureDense({ file: "torch_autorec.py", environment }, data, settings),
    };
  }
  return {
    name: "TensorFlow.js",
    peer: "TensorFlow.js",
    note: `wasm backend with SIMD, threads set as said; ${CENTRED}`,
    async run(installed) {
      const program = { file: "tensorflow-autorec.ts" };
      return measureDense(program, data, settings, { bundle: await bundleTensorflow(installed) });
    },
  };
}

function caseOf({ name, data, hidden }: Plan, kind: Kind, threads: number): PeerCase {
  const shared = { hidden, batchSize: BATCH, epochs: EPOCHS[kind], threads };
  const theirs = peerOf(kind, data, { ...shared, ...LEARNING });
  const comparison: Comparison = { ours: "lowrank", theirs: theirs.name, goal: kind === "torch" ? 3 : 60 };
  return {
    name: `AutoRec${name}, ${shared.epochs} epochs, threads ${threads}`,
    size: data.words,
    unit: "an epoch",
    heldEqual: `network (${hidden} sigmoid units of items), batches of ${BATCH}, Adam, epochs; test RMSE of ours no more than ${100 * TOLERANCE} % larger`,
    ours: [ratingFit("lowrank", "AutoRec", data, { ...shared, seed: 1 })],
    theirs: [theirs],
    comparisons: [comparison],
    difference: noWorse("testRmse", TOLERANCE),
  };
}

async function* plans(quick: boolean): AsyncIterable<Plan> {
  const sizes = quick
    ? { numUsers: 700, numItems: 300, numRatings: 30_000 }
    : { numUsers: 6040, numItems: 3706, numRatings: 1_000_000 };
  const hidden = quick ? QUICK_HIDDEN : HIDDEN;
  yield { name: "", data: generated(sizes, 0.1), hidden };
  const real = quick ? undefined : await movieLens(0.1);
  if (real) yield { name: ", ml-latest-small", data: real, hidden };
}

async function* cases({ quick }: PeerContext): AsyncIterable<PeerCase> {
  for await (const plan of plans(quick)) {
    for (const threads of THREADS) {
      yield caseOf(plan, "torch", threads);
      yield caseOf(plan, "tensorflow", threads);
    }
  }
}

const scenario: Scenario = { about: "AutoRec, MovieLens-1M shape, against dense networks", cases };
export default scenario;
