/** Symmetric positive definite systems of a row's size, one after the other: ml-matrix in JavaScript, scipy with LAPACK. */
import { writeFileSync } from "node:fs";
import { describeMachine } from "../../harness/machine.js";
import { compileModule } from "../../harness/parts.js";
import type { Contender, Measured, PeerCase, PeerContender, PeerContext, Scenario } from "../comparison.js";
import { outputPath } from "../fits.js";
import { type Program, runProgram } from "../program.js";
import { largestResidual, readSystems, type SystemsRequest, type SystemsResult, writeSystems } from "../systems.js";

const SIZES = [32, 64, 128];
const QUICK_SIZES = [32];
/** Systems in a turn: other numbers each time, all of them in a core's cache. */
const SYSTEMS = 8;
/** What single precision reaches and what counts as solved: the largest ‖A x − b‖ / ‖b‖. */
const RESIDUAL = 1e-5;
const FULL = { batches: 20, batchMs: 20 };
const QUICK = { batches: 3, batchMs: 2 };

async function measure(program: Program, request: SystemsRequest, settings: object = {}): Promise<Measured> {
  const { seconds } = (await runProgram<SystemsResult>(program, { ...request, ...settings })).result;
  const residual = largestResidual(readSystems(request.systems, request.size), request.solutions);
  return { seconds, facts: { residual } };
}

/** The kernels' binary: compiled here, as compiling takes longer than all the runs. */
async function kernelsFile(): Promise<string> {
  const path = outputPath("row-solve.wasm");
  writeFileSync(path, await compileModule("row-solve", describeMachine().wasmVariant));
  return path;
}

function library(request: SystemsRequest): Contender {
  return {
    name: "lowrank",
    peer: "lowrank",
    note: "float32; the kernels that solve rows, called one system at a time as the package does not",
    run: async () => measure({ file: "lowrank-cholesky.ts" }, request, { kernels: await kernelsFile() }),
  };
}

function mlMatrix(request: SystemsRequest): PeerContender {
  return {
    name: "ml-matrix",
    peer: "ml-matrix",
    note: "float64, all it has; new CholeskyDecomposition(A).solve(b)",
    run: ({ folder }) => measure({ file: "ml-matrix-cholesky.ts" }, request, { folder }),
  };
}

function scipy(request: SystemsRequest, way: "scipy" | "LAPACK"): PeerContender {
  const calls = way === "scipy" ? "cho_factor and cho_solve without check_finite" : "scipy.linalg.lapack.sposv";
  return {
    name: way === "scipy" ? "scipy" : "scipy, LAPACK's sposv",
    peer: "scipy",
    note: `float32; ${calls}, native code; OPENBLAS_NUM_THREADS=1`,
    run({ folder: environment }) {
      const program = { file: "scipy_cholesky.py", environment, variables: { OPENBLAS_NUM_THREADS: "1" } };
      return measure(program, request, { way });
    },
  };
}

/** Why a contender's systems do not count as solved. */
function unsolved(name: string, { facts }: Measured): string | undefined {
  const residual = facts.residual!;
  return residual <= RESIDUAL ? undefined : `residual ${residual} of ${name}`;
}

function* cases({ quick }: PeerContext): Iterable<PeerCase> {
  for (const size of quick ? QUICK_SIZES : SIZES) {
    const systems = outputPath(`systems-${size}.bin`);
    writeSystems(systems, size, SYSTEMS);
    const request = { size, systems, solutions: outputPath("solutions.bin"), ...(quick ? QUICK : FULL) };
    const theirs = [mlMatrix(request), scipy(request, "scipy"), scipy(request, "LAPACK")];
    yield {
      name: `Cholesky, k ${size}`,
      size: `${size} × ${size}, factor and solve, the system kept; one thread`,
      unit: "a system",
      heldEqual: `the systems, and that they are solved: ‖A x − b‖ ≤ ${RESIDUAL} ‖b‖; float32 but for ml-matrix, which is float64`,
      ours: [library(request)],
      theirs,
      comparisons: theirs.map(({ name }) => ({ ours: "lowrank", theirs: name })),
      difference: (ours, other) => unsolved("ours", ours) ?? unsolved("theirs", other),
    };
  }
}

const scenario: Scenario = { about: "Cholesky factors and solutions of small systems", cases };
export default scenario;
