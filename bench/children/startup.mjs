/** Imports the built package, makes a model of given factors, predicts once; prints when each was done, in ms, as JSON. */
const started = performance.now(); // since the process began
const { entry, numUsers, numItems, factors } = JSON.parse(process.argv[2]);
const { MatrixFactorization } = await import(entry);
const imported = performance.now();
const ids = (count) => Array.from({ length: count }, (_, index) => index + 1);
const numbers = (count) => new Float32Array(count).fill(0.25);
const userIds = ids(numUsers);
const itemIds = ids(numItems);
const userFactors = numbers(numUsers * factors);
const itemFactors = numbers(numItems * factors);
const given = performance.now();
const model = MatrixFactorization.fromFactors({ userIds, itemIds, userFactors, itemFactors });
const constructed = performance.now();
const score = model.predict(userIds[0], itemIds[0]);
const predicted = performance.now();
console.log(JSON.stringify({ started, imported, given, constructed, predicted, score }));
