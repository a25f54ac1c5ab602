/**
 * Plays, not ratings: three kinds of listeners, and how often each has played what.
 *
 *   npm run build && node examples/implicit-als.mjs
 */
import { ImplicitALS, Interactions } from "lowrank";

const GENRES = ["jazz", "metal", "opera"];
const ALBUMS = 30; // of each genre
const LISTENERS = 40; // of each kind

/** A listener plays about a third of their genre, some albums far more than others, and now and then another's. */
function listen(listener) {
  const own = listener % GENRES.length;
  const plays = [];
  for (let album = 0; album < ALBUMS; album++) {
    const luck = (listener * 7919 + album * 104729) % 1000; // made up, and the same each time
    const name = String(album + 1).padStart(2, "0");
    if (luck < 340)
      plays.push({ userId: `listener ${listener}`, itemId: `${GENRES[own]} ${name}`, value: 1 + (luck % 90) });
    if (luck > 980) {
      const other = GENRES[(own + 1) % GENRES.length];
      plays.push({ userId: `listener ${listener}`, itemId: `${other} ${name}`, value: 1 });
    }
  }
  return plays;
}

const listeners = Array.from({ length: LISTENERS * GENRES.length }, (_, listener) => listener);
const plays = Interactions.fromObjects(listeners.flatMap(listen));
console.log(`${plays.size} pairs of a listener and an album, played ${plays.minimum} to ${plays.maximum} times`);

const model = await new ImplicitALS({ factors: 8, seed: 7 }).fit(plays, {
  onEpoch: ({ epoch, objective }) => console.log(`epoch ${epoch}: objective ${objective.toFixed(2)}`),
});

for (const listener of ["listener 0", "listener 1", "listener 2"]) {
  const names = model.recommend(listener, { count: 5 }).map(({ itemId }) => itemId);
  console.log(`${listener} may like ${names.join(", ")}`);
}

const visitor = model.foldIn([
  { itemId: "metal 03", value: 20 },
  { itemId: "metal 11", value: 2 },
]);
const [first] = model.recommend(visitor, { count: 1 });
console.log(`\na visitor may like ${first.itemId} (${first.score.toFixed(3)}), because of`);
for (const { itemId, value, contribution } of model.explain(visitor, first.itemId).contributions) {
  console.log(`  ${itemId}, played ${value} times: ${contribution.toFixed(3)}`);
}
console.log(
  `like jazz 01: ${model
    .similarItems("jazz 01", { count: 3 })
    .map(({ itemId }) => itemId)
    .join(", ")}`,
);
