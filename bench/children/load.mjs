/** Imports the built package, loads a model, asks it once; prints when each was done, in ms, as JSON, and the answer. */
const started = performance.now(); // since the process began
const { entry, path, userId, count } = JSON.parse(process.argv[2]);
const { load } = await import(entry);
const imported = performance.now();
const model = await load(path);
const loaded = performance.now();
const list = model.recommend(userId, { count });
const answered = performance.now();
console.log(JSON.stringify({ started, imported, loaded, answered, list }));
