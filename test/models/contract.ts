/** The contract: all that every model must do. A new model joins it by one line in contract.test.ts. */
import { describe } from "vitest";
import { checkerboards } from "./contract/checkerboard.js";
import { cold } from "./contract/cold.js";
import { explanations } from "./contract/explanations.js";
import { files } from "./contract/files.js";
import { foldIn } from "./contract/fold-in.js";
import { life } from "./contract/life.js";
import { manyQueries } from "./contract/many-queries.js";
import { partialFits } from "./contract/partial-fit.js";
import { singleQueries } from "./contract/single-queries.js";
import type { Subject } from "./contract/subject.js";

export function modelContract(name: string, create: Subject["create"], kind: Subject["kind"]): void {
  const subject = { create, kind };
  describe(name, () => {
    describe("a query", () => singleQueries(subject));
    describe("many queries", () => manyQueries(subject));
    describe("foldIn and foldInItem", () => foldIn(subject));
    describe("somebody of whom nothing is known", () => cold(subject));
    describe("partialFit", () => partialFits(subject));
    describe("its life", () => life(subject));
    if (kind.files) describe("a file", () => files(subject));
    if (kind.explains) describe("explain", () => explanations(subject));
    if (kind.personalised) describe("a checkerboard", () => checkerboards(subject));
  });
}
