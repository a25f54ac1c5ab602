import { encodeTile } from "../linalg/hidden-tile";

/**
 * The codes z = g(μ + V x) of a batch's rows, from observed entries alone (Sedhain, Menon, Sanner, Xie 2015, equation 2),
 * for the tiles [tileBegin, tileEnd) of hidden units. networkPtr, batchPtr: linalg/autorec-network.ts. Returns 0.
 */
export function encodeTiles(tileBegin: i32, tileEnd: i32, networkPtr: usize, batchPtr: usize): f64 {
  for (let tile = <usize>tileBegin; tile < <usize>tileEnd; tile++) encodeTile(tile, networkPtr, batchPtr);
  return 0;
}
