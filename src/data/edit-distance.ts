/** Levenshtein's edit distance, for the "did you mean" of error messages. */

/** Insertions, deletions and replacements that turn `a` into `b` (UTF-16 units), or `limit + 1` when more than `limit`. */
export function editDistance(a: string, b: string, limit = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= b.length; column++) {
      const replaced = above[column - 1]! + (a.charCodeAt(row - 1) === b.charCodeAt(column - 1) ? 0 : 1);
      const cost = Math.min(replaced, above[column]! + 1, current[column - 1]! + 1);
      current.push(cost);
      if (cost < smallest) smallest = cost;
    }
    if (smallest > limit) return limit + 1; // a path's cost never falls
    above = current;
  }
  return above[b.length]!;
}

/**
 * Up to `count` of the candidates that look like a misspelling of `text`, nearest first (ties in their own order). Case
 * is ignored; a third of the letters may differ, or two, but never all.
 */
export function nearestTexts(text: string, candidates: Iterable<string>, count: number): string[] {
  const wanted = text.toLowerCase();
  const found: { candidate: string; distance: number }[] = [];
  let limit = Math.min(text.length - 1, Math.max(2, Math.floor(text.length / 3)));
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    let place = found.length;
    while (place > 0 && found[place - 1]!.distance > distance) place--;
    found.splice(place, 0, { candidate, distance });
    if (found.length > count) found.length = count;
    if (found.length === count) limit = found[count - 1]?.distance ?? 0;
  }
  return found.map((entry) => entry.candidate);
}
