/** `Promise.all` that settles only when nothing is at work any more: what it writes to may then be given back. */
export async function allOf<Results extends readonly unknown[]>(
  work: readonly [...Results],
): Promise<{ [At in keyof Results]: Awaited<Results[At]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
