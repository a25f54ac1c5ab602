/** The descent family of kernels; shapes and units stand above each kernel in assembly/kernels. */
import type { KernelFamily } from "./kernel-family.js";
import type { RatingsPass } from "./kernels.js";

export type DescentKernels = {
  sgdRows: RatingsPass;
  adagradRows: RatingsPass;
  adamRows: RatingsPass;
};

export const DESCENT_KERNELS: KernelFamily<DescentKernels> = {
  name: "descent",
  sample: "sgdRows",
  text: async () => (await import("./wasm-descent.generated.js")).WASM_PIECES,
};
