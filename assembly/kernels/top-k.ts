/**
 * The `count` best of scores[0, size), best first, ties by index; a score of −∞ is one to leave out. A heap of the
 * best so far with the worst of them on top; then sorted in place, worst to the back.
 * scoresPtr f32[size] · indicesPtr u32[count], topScoresPtr f32[count]: written · Returns how many there are.
 */
export function selectTop(size: u32, count: u32, scoresPtr: usize, indicesPtr: usize, topScoresPtr: usize): f64 {
  let held: u32 = 0;
  if (count === 0) return 0;
  for (let index: u32 = 0; index < size; index++) {
    const score = load<f32>(scoresPtr + ((<usize>index) << 2));
    if (!(score > f32.NEGATIVE_INFINITY)) continue;
    if (held < count) {
      siftUp(held++, index, score, indicesPtr, topScoresPtr);
    } else if (score > load<f32>(topScoresPtr)) {
      siftDown(held, index, score, indicesPtr, topScoresPtr); // equal scores: the one met first, of lower index, stays
    }
  }
  for (let last = held; last > 1; ) {
    last--;
    const index = load<u32>(indicesPtr + ((<usize>last) << 2));
    const score = load<f32>(topScoresPtr + ((<usize>last) << 2));
    put(last, load<u32>(indicesPtr), load<f32>(topScoresPtr), indicesPtr, topScoresPtr);
    siftDown(last, index, score, indicesPtr, topScoresPtr);
  }
  return <f64>held;
}

/** Whether entry a stands behind entry b in the result. */
function isBehind(aIndex: u32, aScore: f32, bIndex: u32, bScore: f32): bool {
  return aScore < bScore || (aScore === bScore && aIndex > bIndex);
}

function put(place: u32, index: u32, score: f32, indicesPtr: usize, topScoresPtr: usize): void {
  store<u32>(indicesPtr + ((<usize>place) << 2), index);
  store<f32>(topScoresPtr + ((<usize>place) << 2), score);
}

/** A new entry enters the heap at its end and rises past those that stand before it in the result. */
function siftUp(place: u32, index: u32, score: f32, indicesPtr: usize, topScoresPtr: usize): void {
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const parentIndex = load<u32>(indicesPtr + ((<usize>parent) << 2));
    const parentScore = load<f32>(topScoresPtr + ((<usize>parent) << 2));
    if (!isBehind(index, score, parentIndex, parentScore)) break;
    put(place, parentIndex, parentScore, indicesPtr, topScoresPtr);
    place = parent;
  }
  put(place, index, score, indicesPtr, topScoresPtr);
}

/** The top of a heap of `held` entries is replaced and sinks below those that stand behind it in the result. */
function siftDown(held: u32, index: u32, score: f32, indicesPtr: usize, topScoresPtr: usize): void {
  let place: u32 = 0;
  for (;;) {
    let child: u32 = 2 * place + 1;
    if (child >= held) break;
    let childIndex = load<u32>(indicesPtr + ((<usize>child) << 2));
    let childScore = load<f32>(topScoresPtr + ((<usize>child) << 2));
    if (child + 1 < held) {
      const otherIndex = load<u32>(indicesPtr + ((<usize>(child + 1)) << 2));
      const otherScore = load<f32>(topScoresPtr + ((<usize>(child + 1)) << 2));
      if (isBehind(otherIndex, otherScore, childIndex, childScore)) {
        child++;
        childIndex = otherIndex;
        childScore = otherScore;
      }
    }
    if (!isBehind(childIndex, childScore, index, score)) break;
    put(place, childIndex, childScore, indicesPtr, topScoresPtr);
    place = child;
  }
  put(place, index, score, indicesPtr, topScoresPtr);
}
