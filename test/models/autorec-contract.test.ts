/** AutoRec, held to the contract. */
import { AutoRec } from "../../src/models/autorec.js";
import type { AutoRecOptions } from "../../src/models/autorec-options.js";
import type { ModelKind } from "./contract/subject.js";
import { modelContract } from "./contract.js";

const AUTOENCODER: ModelKind = {
  personalised: true,
  similar: true,
  biases: true,
  ratings: true,
  independentRows: true,
  explains: false,
  files: true,
  pool: true,
  foldIn: { sameOfTen: 7, rmse: 0.2 },
};

const autorec = (own: Partial<AutoRecOptions>) => (given: Partial<AutoRecOptions>) =>
  new AutoRec({ hidden: 24, epochs: 20, ...own, ...given });

modelContract("AutoRec of items", autorec({}), AUTOENCODER);
modelContract("AutoRec of users", autorec({ orientation: "user", reproducible: true }), AUTOENCODER);
