/** The models by alternating least squares, held to the contract. */
import { AlternatingLeastSquares } from "../../src/models/alternating-least-squares.js";
import type { AlternatingLeastSquaresOptions } from "../../src/models/alternating-least-squares-options.js";
import { ImplicitALS } from "../../src/models/implicit-als.js";
import { IMPLICIT_OBJECTIVES, type ImplicitALSOptions } from "../../src/models/implicit-als-options.js";
import type { ModelKind } from "./contract/subject.js";
import { modelContract } from "./contract.js";

const FACTORS: Omit<ModelKind, "foldIn"> = {
  personalised: true,
  similar: true,
  biases: true,
  ratings: true,
  independentRows: true,
  explains: true,
  files: true,
  pool: true,
};

const alternating =
  (own: Partial<AlternatingLeastSquaresOptions>) => (given: Partial<AlternatingLeastSquaresOptions>) =>
    new AlternatingLeastSquares({ factors: 8, epochs: 10, ...own, ...given });

// Items are folded in as they are stored, being the last that were solved for; users are half a step behind.
modelContract("AlternatingLeastSquares", alternating({}), {
  ...FACTORS,
  foldIn: { sameOfTen: 9.8, rmse: 0.01 }, // measured: 9.94 and 10, .0036 and 0
});
modelContract(
  "AlternatingLeastSquares, plain λ, no biases, reproducible",
  alternating({ regularization: 0, damping: 8, biases: false, reproducible: true }),
  { ...FACTORS, biases: false, foldIn: { sameOfTen: 9.8, rmse: 0.01 } }, // measured: 9.89 and 10, .0038 and 0
);
modelContract(
  "AlternatingLeastSquares, non-negative",
  alternating({ nonNegative: true, factors: 12, damping: 0.3, regularization: 0.01 }), // no row of nothing but zeros
  { ...FACTORS, foldIn: { sameOfTen: 9.5, rmse: 0.03 } }, // measured: 9.63 and 10, .020 and 2e-6
);

/** Scores are likelihoods of a kind, not ratings: nothing clips them, and what counts is that an interaction is there. */
const IMPLICIT: ModelKind = {
  ...FACTORS,
  biases: false,
  ratings: false,
  foldIn: { sameOfTen: 9.6, rmse: 0.03 }, // measured: 9.78 … 10, 0 … .021 of scores between 0 and 1
};

const implicit =
  (own: Partial<ImplicitALSOptions>) =>
  ({ threads = 0 }: { threads?: number }) =>
    new ImplicitALS({ factors: 8, epochs: 10, ...own, threads });

const { huKorenVolinsky, implicit: ofImplicit, spark, rendle } = IMPLICIT_OBJECTIVES;
modelContract("ImplicitALS", implicit({}), IMPLICIT);
modelContract(
  "ImplicitALS, by gradient descent, reproducible",
  implicit({ solver: "gradientDescent", epochs: 30, reproducible: true }),
  IMPLICIT,
);
modelContract(
  "ImplicitALS, Hu, Koren, Volinsky",
  implicit({ ...huKorenVolinsky, alpha: 1, regularization: 10 }),
  IMPLICIT,
);
modelContract(
  "ImplicitALS, implicit, by conjugate gradients",
  implicit({ ...ofImplicit, solver: "conjugateGradient", regularization: 10 }),
  IMPLICIT,
);
modelContract("ImplicitALS, Spark", implicit({ ...spark, regularization: 0.3 }), IMPLICIT);
modelContract(
  "ImplicitALS, Rendle, weights given, by subspaces",
  implicit({ ...rendle, confidence: "given", solver: "subspace", blockSize: 8, factors: 12, regularization: 0.1 }),
  IMPLICIT,
);
