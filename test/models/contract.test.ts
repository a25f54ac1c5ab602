import { BiasModel } from "../../src/models/bias-model.js";
import { GlobalMean } from "../../src/models/global-mean.js";
import { MatrixFactorization } from "../../src/models/matrix-factorization.js";
import type { MatrixFactorizationOptions } from "../../src/models/matrix-factorization-options.js";
import type { ModelKind } from "./contract/subject.js";
import { modelContract } from "./contract.js";
import { ItemNeighbors } from "./item-neighbors.js";

const FACTORS: ModelKind = {
  personalised: true,
  similar: true,
  biases: true,
  ratings: true,
  independentRows: true,
  explains: true,
  files: true,
  pool: true,
  foldIn: { sameOfTen: 8.8, rmse: 0.06 }, // measured: 9.03 … 9.70, .024 … .042
};

const factorization = (own: Partial<MatrixFactorizationOptions>) => (given: Partial<MatrixFactorizationOptions>) =>
  new MatrixFactorization({ factors: 8, epochs: 20, ...own, ...given });

modelContract("MatrixFactorization", factorization({}), FACTORS);
modelContract("MatrixFactorization, adagrad", factorization({ optimizer: "adagrad" }), FACTORS);
modelContract("MatrixFactorization, adam", factorization({ optimizer: "adam" }), FACTORS);
modelContract("MatrixFactorization, reproducible", factorization({ reproducible: true }), FACTORS);
modelContract("MatrixFactorization, no biases", factorization({ biases: false }), { ...FACTORS, biases: false });

const EXACT = { sameOfTen: 10, rmse: 1e-5 };
const BASELINE: ModelKind = { ...FACTORS, personalised: false, similar: false, foldIn: EXACT };
modelContract("BiasModel", ({ clip = true }) => new BiasModel({ clip }), {
  ...BASELINE,
  foldIn: { sameOfTen: 10, rmse: 0.005 }, // its items are solved for before its users
});
modelContract("GlobalMean", () => new GlobalMean(), { ...BASELINE, biases: false });

modelContract("a model that is not bilinear", ({ clip = true }) => new ItemNeighbors(clip ? 3 : Infinity), {
  personalised: true,
  similar: true,
  biases: false,
  ratings: false,
  independentRows: false,
  explains: false,
  files: false,
  pool: false,
  foldIn: EXACT,
});
