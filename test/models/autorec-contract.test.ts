/** AutoRec, held to the contract. Rows fold in by a forward pass as they are stored, inputs as far as training has come. */
import { AutoRec } from "../../src/models/autorec.js";
import type { AutoRecOptions } from "../../src/models/autorec-options.js";
import type { ModelKind } from "./contract/subject.js";
import { modelContract } from "./contract.js";

const AUTOENCODER: Omit<ModelKind, "foldIn"> = {
  personalised: true,
  similar: true,
  biases: true,
  ratings: true,
  independentRows: true,
  explains: false,
  files: true,
  pool: true,
};

/** Training that comes near its end in 50 ms on data as small as these. */
const SHORT: Partial<AutoRecOptions> = { epochs: 20, batchSize: 32, learningRate: 0.03, regularization: 0.1 };

const autorec = (own: Partial<AutoRecOptions>) => (given: Partial<AutoRecOptions>) =>
  new AutoRec({ ...SHORT, ...own, ...given });

modelContract("AutoRec of items", autorec({ hidden: 33 }), {
  ...AUTOENCODER,
  foldIn: { sameOfTen: 8.5, rmse: 0.2 }, // measured: 8.75 and 10, .161 and 0
});
modelContract("AutoRec of users, reproducible", autorec({ orientation: "user", hidden: 8, reproducible: true }), {
  ...AUTOENCODER,
  foldIn: { sameOfTen: 8.6, rmse: 0.13 }, // measured: 10 and 8.88, 0 and .104
});
modelContract(
  "AutoRec of items, tanh, sgd",
  autorec({ optimizer: "sgd", activation: "tanh", hidden: 8, epochs: 30, learningRate: 0.1, regularization: 0.2 }),
  { ...AUTOENCODER, foldIn: { sameOfTen: 8.6, rmse: 0.15 } }, // measured: 8.91 and 10, .118 and 0
);
modelContract(
  "AutoRec of users, rprop",
  autorec({ orientation: "user", optimizer: "rprop", hidden: 36, epochs: 40, batchSize: "auto", learningRate: 0.01 }),
  { ...AUTOENCODER, foldIn: { sameOfTen: 8.9, rmse: 0.13 } }, // measured: 10 and 9.18, 0 and .103
);
