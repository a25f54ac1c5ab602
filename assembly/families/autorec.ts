/** The kernels of AutoRec. */
export { INTERFACE_VERSION } from "../interface-version";
export { encodeTiles } from "../kernels/autorec-codes";
export { decodeRows } from "../kernels/autorec-errors";
export { learnTiles } from "../kernels/autorec-steps";
export { placeCodes, placeDecoder } from "../kernels/autorec-tables";
export { packTiles, unpackTiles } from "../kernels/autorec-tiles";
