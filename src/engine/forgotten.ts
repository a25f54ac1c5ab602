/** Memory of objects that were forgotten: given back once the garbage collector has found them out. */

const registry = new FinalizationRegistry<() => void>((release) => release());

/** Has `release` called when `owner` has been collected; it must not hold the owner itself. */
export function whenForgotten(owner: object, release: () => void): void {
  registry.register(owner, release, owner);
}

/** Takes `whenForgotten` back: the owner's memory was given back otherwise. */
export function forgetNoMore(owner: object): void {
  registry.unregister(owner);
}
