/** The kernels of alternating least squares: what it brings down, and rows that are not solved exactly. */
export { INTERFACE_VERSION } from "../interface-version";
export { conjugateGradientRows } from "../kernels/conjugate-gradient-rows";
export { gradientRows } from "../kernels/gradient-rows";
export { lossRows, penaltyRows } from "../kernels/loss-rows";
export { principalAxes, rotateRows } from "../kernels/principal-axes";
export { addScaled } from "../kernels/scale";
export { shortRows } from "../kernels/short-rows";
export { subspaceRows } from "../kernels/subspace-rows";
