/** Systems solved by the kernels that solve rows, float32, one thread. */
import { readFileSync, writeFileSync } from "node:fs";
import type { LinalgParts } from "../../harness/linalg-parts.js";
import { readSystems, type SystemsRequest, timeBatches } from "../systems.js";
import { finish, readRequest } from "./javascript-peer.js";

/** Where the matrix begins; what is before it belongs to the kernels. */
const BEGIN_BYTES = 65_536;
const MEMORY_PAGES = 64;
/** The least pivot that counts as positive, of its diagonal entry and for each row of the matrix: as row solves have it. */
const PIVOT_TOLERANCE = 2 ** -23;

const request = readRequest<SystemsRequest & { kernels: string }>();
const { size } = request;
const systems = readSystems(request.systems, size);
const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES, shared: true });
const kernels = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(request.kernels)), { env: { memory } });
const parts = kernels.exports as unknown as LinalgParts;
const matrix = new Float32Array(memory.buffer, BEGIN_BYTES, size * size);
const vector = new Float32Array(memory.buffer, BEGIN_BYTES + 4 * size * size, size);
const solutions = systems.map(() => new Float32Array(size));

function solve(at: number): void {
  matrix.set(systems[at]!.matrix);
  vector.set(systems[at]!.right);
  if (parts.factorCholesky(matrix.byteOffset, size, PIVOT_TOLERANCE * size) !== 0) {
    throw new Error(`system ${at} is not positive definite`);
  }
  parts.solveCholesky(matrix.byteOffset, size, vector.byteOffset);
  solutions[at]!.set(vector);
}

const seconds = timeBatches(request, systems.length, solve);
writeFileSync(request.solutions, Float64Array.from(solutions.flatMap((solution) => Array.from(solution))));
finish({ seconds });
