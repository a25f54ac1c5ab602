/**
 * The best so far of many scores: u32[] and f32[] side by side, a heap with the entry that is last in the result on top.
 * Better is a higher score, or the same and a lower index.
 */

/** Enters one more; `held` were there before it. */
export function pushTop(held: u32, index: u32, score: f32, indicesPtr: usize, scoresPtr: usize): void {
  let place = held;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const parentIndex = load<u32>(indicesPtr + ((<usize>parent) << 2));
    const parentScore = load<f32>(scoresPtr + ((<usize>parent) << 2));
    if (!isBehind(index, score, parentIndex, parentScore)) break;
    put(place, parentIndex, parentScore, indicesPtr, scoresPtr);
    place = parent;
  }
  put(place, index, score, indicesPtr, scoresPtr);
}

/** Enters one in place of the top of a heap of `held`. */
export function replaceTop(held: u32, index: u32, score: f32, indicesPtr: usize, scoresPtr: usize): void {
  let place: u32 = 0;
  for (;;) {
    let child: u32 = 2 * place + 1;
    if (child >= held) break;
    let childIndex = load<u32>(indicesPtr + ((<usize>child) << 2));
    let childScore = load<f32>(scoresPtr + ((<usize>child) << 2));
    if (child + 1 < held) {
      const otherIndex = load<u32>(indicesPtr + ((<usize>(child + 1)) << 2));
      const otherScore = load<f32>(scoresPtr + ((<usize>(child + 1)) << 2));
      if (isBehind(otherIndex, otherScore, childIndex, childScore)) {
        child++;
        childIndex = otherIndex;
        childScore = otherScore;
      }
    }
    if (!isBehind(childIndex, childScore, index, score)) break;
    put(place, childIndex, childScore, indicesPtr, scoresPtr);
    place = child;
  }
  put(place, index, score, indicesPtr, scoresPtr);
}

/** Sorts a heap of `held` in place, best first: it is then no heap any more. */
export function sortTop(held: u32, indicesPtr: usize, scoresPtr: usize): void {
  for (let last = held; last > 1; ) {
    last--;
    const index = load<u32>(indicesPtr + ((<usize>last) << 2));
    const score = load<f32>(scoresPtr + ((<usize>last) << 2));
    put(last, load<u32>(indicesPtr), load<f32>(scoresPtr), indicesPtr, scoresPtr);
    replaceTop(last, index, score, indicesPtr, scoresPtr);
  }
}

/** Whether entry a stands behind entry b in the result. */
function isBehind(aIndex: u32, aScore: f32, bIndex: u32, bScore: f32): bool {
  return aScore < bScore || (aScore === bScore && aIndex > bIndex);
}

function put(place: u32, index: u32, score: f32, indicesPtr: usize, scoresPtr: usize): void {
  store<u32>(indicesPtr + ((<usize>place) << 2), index);
  store<f32>(scoresPtr + ((<usize>place) << 2), score);
}
