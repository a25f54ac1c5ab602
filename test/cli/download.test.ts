import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ArchiveServer, archiveOf, md5 } from "./archive-server.js";
import { csvOf, type Outcome, someRatings, Workplace } from "./command.js";

const place = new Workplace();
const server = new ArchiveServer();
const RATINGS = csvOf(someRatings());
const FILES = {
  "ml-latest-small/ratings.csv": RATINGS,
  "ml-latest-small/movies.csv": "movieId,title,genres\n1,Toy Story (1995),Animation\n",
  "__MACOSX/._ratings.csv": "not wanted",
};
const ARCHIVE = archiveOf(FILES);

beforeAll(() => server.start());
afterAll(() => server.stop());

beforeEach(() => {
  rmSync(place.path("data"), { recursive: true, force: true });
  mkdirSync(place.path("data"));
  server.answers.clear();
  server.requests.length = 0;
});

function download(name: string, ...flags: string[]): Promise<Outcome> {
  return place.run("download", name, "--to", "data", "--base-url", server.address, ...flags);
}

/** That it failed with one line on stderr, and left nothing behind. */
function expectFailure({ code, stdout, stderr }: Outcome, ...says: string[]): void {
  const line = stderr.trimEnd().split("\n").at(-1);
  for (const text of says) expect(line).toContain(text);
  expect(line).toMatch(/^lowrank: /);
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(readdirSync(place.path("data"))).toEqual([]);
}

describe("download", () => {
  test("lists the data sets", async () => {
    const { code, stdout } = await place.run("download");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ml-25m +25,000,095 +262 MB +ratings\.csv +comma, header +never$/m);
    expect(stdout).toMatch(/^ml-1m +1,000,209 +5\.9 MB +ratings\.dat +:: , no header +never$/m);
    expect(stdout).toContain("For research");
  });

  test("fetches, verifies and unpacks; what it says to run next runs", async () => {
    server.offer("ml-latest-small", ARCHIVE);
    const { code, stdout } = await download("ml-latest-small");
    expect(code).toBe(0);
    expect(readdirSync(place.path("data"))).toEqual(["ml-latest-small"]);
    expect(readdirSync(place.path("data/ml-latest-small")).sort()).toEqual(["movies.csv", "ratings.csv"]);
    expect(readFileSync(place.path("data/ml-latest-small/ratings.csv"), "utf8")).toBe(RATINGS);
    const next = stdout.split("\n").filter((line) => line.startsWith("  lowrank "));
    expect(next).toEqual([
      "  lowrank train data/ml-latest-small/ratings.csv",
      "  lowrank recommend data/ml-latest-small/ratings.csv --user 1 --titles data/ml-latest-small/movies.csv",
    ]);
    for (const command of next) {
      const outcome = await place.run(...command.trim().split(" ").slice(1), "--epochs", "2");
      expect(outcome.code).toBe(0);
    }
  });

  test("knows checksums written as `sum  name`, and archives whose folder has another name", async () => {
    const archive = archiveOf({ "latest/ratings.csv": RATINGS, "latest/tags/of/users.csv": "", "latest/empty/": "" });
    server.offer("ml-latest", archive);
    server.answers.set("/sets/ml-latest.zip.md5", (response) => {
      response.end(`${md5(archive).toUpperCase()}  ml-latest.zip\n`);
    });
    expect((await download("ml-latest", "--quiet")).stderr).toBe("");
    expect(readdirSync(place.path("data/ml-latest")).sort()).toEqual(["empty", "ratings.csv", "tags"]);
    expect(existsSync(place.path("data/ml-latest/tags/of/users.csv"))).toBe(true);
  });

  test("a folder that is there stays, unless --force", async () => {
    server.offer("ml-latest-small", ARCHIVE);
    place.write("data/ml-latest-small/mine.txt", "mine");
    const refused = await download("ml-latest-small");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toBe("lowrank: data/ml-latest-small is there already; --force replaces it\n");
    expect(server.requests).toEqual([]);
    expect((await download("ml-latest-small", "--force")).code).toBe(0);
    expect(readdirSync(place.path("data"))).toEqual(["ml-latest-small"]);
    expect(readdirSync(place.path("data/ml-latest-small")).sort()).toEqual(["movies.csv", "ratings.csv"]);
  });

  test("a failure under --force leaves the old folder", async () => {
    server.offer("ml-latest-small", ARCHIVE, "0".repeat(32));
    place.write("data/ml-latest-small/mine.txt", "mine");
    expect((await download("ml-latest-small", "--force")).code).toBe(1);
    expect(readdirSync(place.path("data"))).toEqual(["ml-latest-small"]);
    expect(readFileSync(place.path("data/ml-latest-small/mine.txt"), "utf8")).toBe("mine");
  });

  test("a checksum that is known is not asked for, and must be right", async () => {
    server.offer("ml-100k", ARCHIVE);
    const outcome = await download("ml-100k");
    expectFailure(outcome, "expected 0e33842e24a9c977be4e0107933c0723", `got ${md5(ARCHIVE)}`, "ml-100k.zip");
    expect(server.requests).toEqual(["/sets/ml-100k.zip"]);
  });

  test("no such file on the server", async () => {
    expectFailure(await download("ml-1m"), `${server.address}ml-1m.zip: HTTP status 404 Not Found`);
    server.answers.set("/sets/ml-latest.zip.md5", (response) => response.end("<html>welcome</html>"));
    expectFailure(await download("ml-latest"), "ml-latest.zip.md5 has no MD5 checksum");
  });

  test("a download that breaks off", async () => {
    server.offer("ml-latest-small", ARCHIVE);
    const half = ARCHIVE.subarray(0, ARCHIVE.length >> 1);
    server.answers.set("/sets/ml-latest-small.zip", (response) => {
      response.writeHead(200, { "content-length": ARCHIVE.length });
      response.write(half, () => setTimeout(() => response.destroy(), 50));
    });
    expectFailure(await download("ml-latest-small"), "ended early", `of ${ARCHIVE.length} bytes; try again`);
    server.offer("ml-latest-small", half);
    expectFailure(await download("ml-latest-small"), "the archive is no zip file, or its end is missing");
  });

  test("no network", async () => {
    const outcome = await place.run("download", "ml-1m", "--to", "data", "--base-url", "http://127.0.0.1:1/sets");
    expectFailure(
      outcome,
      "cannot reach http://127.0.0.1:1/sets/ml-1m.zip",
      "to fetch it by hand",
      "unpack it in data",
    );
  });

  test.each([
    ["../evil.txt", "x"],
    ["ml-latest-small/../../evil.txt", "x"],
    ["/evil.txt", "x"],
    ["C:/evil.txt", "x"],
    ["ml-latest-small\\..\\..\\evil.txt", "x"],
    ["ml-latest-small/link", "→/etc"],
  ])("an archive with %s is not unpacked", async (name, text) => {
    server.offer("ml-latest-small", archiveOf({ ...FILES, [name]: text }));
    expectFailure(await download("ml-latest-small"), "not to be trusted", JSON.stringify(name));
    expect(existsSync(place.path("evil.txt"))).toBe(false);
  });

  test("a damaged archive", async () => {
    const damaged = Uint8Array.from(ARCHIVE);
    for (let at = 2000; at < 2040; at++) damaged[at]! ^= 0xff;
    server.offer("ml-latest-small", damaged);
    expectFailure(await download("ml-latest-small"), "the archive is damaged", "ratings.csv");
    server.offer("ml-latest-small", archiveOf({ "ml-latest-small/README.txt": "hello" }));
    expectFailure(await download("ml-latest-small"), "has no ratings.csv, got ml-latest-small");
  });

  test("a folder that cannot be written to", async () => {
    place.write("data.txt", "a file");
    const argv = ["--to", "data.txt/sets", "--base-url", server.address];
    const { code, stderr } = await place.run("download", "ml-1m", ...argv);
    expect([code, stderr]).toEqual([1, "lowrank: cannot write to data.txt/sets: a part of the path is no folder\n"]);
    expect((await place.run("download", "ml-1m", "--base-url", "files.org")).code).toBe(2);
  });

  test("Ctrl-C leaves nothing behind", async () => {
    server.offer("ml-latest-small", ARCHIVE);
    const child = place.start("download", "ml-latest-small", "--to", "data", "--base-url", server.address);
    server.answers.set("/sets/ml-latest-small.zip", (response) => {
      response.writeHead(200, { "content-length": ARCHIVE.length });
      response.write(ARCHIVE.subarray(0, 1000), () => child.kill("SIGINT"));
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code).toBe(130);
    expect(readdirSync(place.path("data"))).toEqual([]);
  });
});
