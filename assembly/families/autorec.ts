/** The kernels of AutoRec. */
export { INTERFACE_VERSION } from "../interface-version";
export { packTiles, unpackTiles } from "../kernels/autorec-tiles";
