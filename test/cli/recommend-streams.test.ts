import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { Interactions, MatrixFactorization } from "../../src/index.js";
import { csvOf, someRatings, Workplace } from "./command.js";
import { largeModel } from "./saved-models.js";

const place = new Workplace();
const hasBash = spawnSync("bash", ["--version"]).status === 0;

describe("streams", () => {
  beforeAll(async () => {
    place.write("ratings.csv", csvOf(someRatings()));
    const ratings = await Interactions.fromCsv(place.path("ratings.csv"));
    const model = await new MatrixFactorization({ factors: 8, epochs: 5 }).fit(ratings);
    await model.save(place.path("m"));
    await largeModel().save(place.path("large"));
  });

  test("Ctrl-C ends it with 130 and leaves the old file", async () => {
    place.write("kept.csv", "old");
    const child = place.start("recommend", "large", "--all", "--count", "100", "--output", "kept.csv");
    let text = "";
    let isSent = false; // a second Ctrl-C would end it at once
    child.stderr!.on("data", (chunk: Buffer) => {
      text += chunk;
      if (!text.includes("loaded in") || isSent) return;
      isSent = true;
      setTimeout(() => child.kill("SIGINT"), 300);
    });
    expect(await once(child, "close")).toEqual([130, null]);
    expect(text).toMatch(/lowrank: interrupted\n$/);
    expect(readFileSync(place.path("kept.csv"), "utf8")).toBe("old");
    expect(readdirSync(place.folder).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("Ctrl-C is heard while nobody reads", async () => {
    const child = place.start("recommend", "large", "--all", "--count", "100");
    await once(child.stdout!, "readable"); // and read no more
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    expect(code).toBe(130);
  });

  test.skipIf(!hasBash).each(["csv", "ndjson", "table"])("a reader of %s that leaves is no failure", (format) => {
    const command = `"${process.execPath}" "${place.program}" recommend large --all --format ${format} --quiet`;
    const script = `${command} | head -2; echo "\${PIPESTATUS[0]}"; ${command} --output >(head -1 >first) 2>&1; echo $?`;
    const output = execFileSync("bash", ["-c", script], { cwd: place.folder, encoding: "utf8" });
    expect(output.split("\n").slice(2)).toEqual(["0", "0", ""]);
  });

  test.skipIf(!hasBash)("pipes for ids and for ratings", () => {
    const lowrank = `"${process.execPath}" "${place.program}" recommend`;
    const script = `${lowrank} m --users <(echo 3) --count 1 --quiet; echo 3 | ${lowrank} m --users /dev/stdin --count 1 --quiet
      ${lowrank} <(cat ratings.csv) --factors 8 --epochs 5 --user 3 --count 1 --format csv --quiet`;
    const [header, row] = ["user,item,rank,score", /^3,/];
    const lines = execFileSync("bash", ["-c", script], { cwd: place.folder, encoding: "utf8" }).trimEnd().split("\n");
    expect(lines).toEqual([header, lines[1], header, lines[1], header, lines[1]]);
    expect(lines[1]).toMatch(row);
  });
});
