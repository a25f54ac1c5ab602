import { chunkTable } from "../engine/chunks.js";
import { DESCENT_KERNELS } from "../engine/descent-kernels.js";
import { simpleJob } from "../engine/run-ranges.js";
import type { Optimizer } from "./optimizers.js";
import type { TrainingContext } from "./rating-training.js";

/** A block of this many rows and columns, each pair rated, is the exercise. */
const ROWS = 32;
/** Calls of the kernel: enough for an engine to notice, few enough to be over while the ratings are cut into blocks. */
const CALLS = 32;

const warm = new Set<string>();

/**
 * Runs a kernel over a made-up block, so that the engine's optimising compiler has it ready when the real work starts:
 * a function begins in a baseline compiler, four to six times slower, and all threads share what replaces it. Once in a
 * process for each kernel; what is computed is thrown away.
 */
export async function warmUp(context: TrainingContext, optimizer: Optimizer, stride: number): Promise<void> {
  const { engine, variant } = context;
  const key = `${optimizer.kernel} ${variant}`;
  if (warm.has(key)) return;
  warm.add(key);
  const { arena } = engine;
  const scope = arena.scope();
  try {
    const offsetsPtr = scope.allocate((ROWS + 1) * 4);
    const columnsPtr = scope.allocate(ROWS * ROWS * 4);
    const valuesPtr = scope.allocate(ROWS * ROWS * 4); // all zero, as are the factors: nothing moves
    arena.uint32(offsetsPtr, ROWS + 1).set(Uint32Array.from({ length: ROWS + 1 }, (_, row) => row * ROWS));
    arena.uint32(columnsPtr, ROWS * ROWS).set(Uint32Array.from({ length: ROWS * ROWS }, (_, at) => at % ROWS));
    const sidePtr = scope.allocate(16);
    const stateFloats = Math.max(4, optimizer.stateFloats(stride));
    const statePtr = scope.allocate(ROWS * stateFloats * 4);
    arena.float32(statePtr, ROWS * stateFloats).fill(1);
    arena
      .uint32(sidePtr, 4)
      .set([scope.allocate(ROWS * stride * 4), scope.allocate(ROWS * 4), scope.allocate(ROWS * 8), statePtr]);
    const parametersPtr = scope.allocate(64);
    const block = [0, ROWS, offsetsPtr, columnsPtr, valuesPtr];
    const chunks = chunkTable(
      arena,
      scope,
      Array.from({ length: CALLS }, () => block),
    );
    const sharedArguments = [sidePtr, sidePtr, stride, parametersPtr];
    const job = simpleJob({ ...context, family: DESCENT_KERNELS }, optimizer.kernel, chunks, sharedArguments);
    await engine.run({ ...job, chunksPerPhase: 1 }, { threads: 1, signal: context.run.signal });
  } finally {
    scope.release();
  }
}
