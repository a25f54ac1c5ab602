/** The kernels of stochastic gradient descent, over ratings in blocks. */
export { INTERFACE_VERSION } from "../interface-version";
export { adagradRows } from "../kernels/adagrad";
export { adamRows } from "../kernels/adam";
export { sgdRows } from "../kernels/sgd";
