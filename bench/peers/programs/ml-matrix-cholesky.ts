/** Systems solved by ml-matrix's Cholesky decomposition, float64. */
import { writeFileSync } from "node:fs";
import { readSystems, type SystemsRequest, timeBatches } from "../systems.js";
import { finish, importPeer, readRequest } from "./javascript-peer.js";

interface Matrix {
  to1DArray(): number[];
}

interface MlMatrix {
  Matrix: { from1DArray(rows: number, columns: number, numbers: ArrayLike<number>): Matrix };
  CholeskyDecomposition: new (matrix: Matrix) => { solve(right: Matrix): Matrix; isPositiveDefinite(): boolean };
}

const request = readRequest<SystemsRequest & { folder: string }>();
const { size } = request;
const { Matrix, CholeskyDecomposition } = await importPeer<MlMatrix>(request.folder, "ml-matrix");
const systems = readSystems(request.systems, size).map(({ matrix, right }) => ({
  matrix: Matrix.from1DArray(size, size, matrix),
  right: Matrix.from1DArray(size, 1, right),
}));
const solutions: Matrix[] = [];

function solve(at: number): void {
  const { matrix, right } = systems[at]!;
  solutions[at] = new CholeskyDecomposition(matrix).solve(right);
}

const seconds = timeBatches(request, systems.length, solve);
writeFileSync(request.solutions, Float64Array.from(solutions.flatMap((solution) => solution.to1DArray())));
finish({ seconds });
