/** The kernels of stochastic gradient descent, over ratings in blocks, and the one that cuts the blocks. */
export { INTERFACE_VERSION } from "../interface-version";
export { adagradRows } from "../kernels/adagrad";
export { adamRows } from "../kernels/adam";
export { cutBand } from "../kernels/cut-band";
export { sgdRows } from "../kernels/sgd";
