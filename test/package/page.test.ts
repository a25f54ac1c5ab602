/** The built package in real pages: a plain module script, with and without isolation, under content security policies. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../scripts/chromium.mjs";

const executablePath = findChromium();

const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Fits the same ratings as every other page, and tells what it saw. */
const PAGE = (configuration: string) => `<!doctype html><script type="module">
  import { configure, MatrixFactorization, syntheticRatings } from "/index.js";
  try {
    ${configuration}
    const { interactions } = syntheticRatings({ numUsers: 400, numItems: 300, numRatings: 40000, seed: 3 });
    const model = await new MatrixFactorization({ epochs: 300, threads: 2, reproducible: true }).fit(interactions);
    const bits = new Uint32Array(model.itemFactors.values.slice().buffer);
    let hash = 0x811c9dc5;
    for (const word of bits) hash = Math.imul(hash ^ word, 0x01000193) >>> 0;
    const recommended = model.recommend(1, { count: 3 }).length;
    console.log(JSON.stringify({ hash, isolated: crossOriginIsolated, recommended }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
</script>`;

const FILES: Record<string, string> = {
  "/index.js": "text/javascript",
  "/kernels-descent.js": "text/javascript",
  "/worker.js": "text/javascript",
  "/lowrank.strict.wasm": "application/wasm",
};

interface Result {
  hash?: number;
  isolated?: boolean;
  recommended?: number;
  error?: string;
}

describe.skipIf(!executablePath)("a page in Chromium", () => {
  let browser: Browser;
  let server: Server;
  let headers: Record<string, string> = {};
  let configuration = "";

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox", "--disable-gpu"] });
    server = createServer(({ url = "/" }, response) => {
      const type = FILES[url];
      const body = type ? readFileSync(`dist${url}`) : url === "/" ? PAGE(configuration) : undefined;
      const csp = headers["Content-Security-Policy"];
      response.writeHead(body === undefined ? 404 : 200, {
        "Content-Type": type ?? "text/html",
        ...headers,
        ...(csp ? { "Content-Security-Policy": csp } : {}),
      });
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  /** Opens the page and waits for what it has to tell; also the requests and warnings on the way. */
  async function open(pageHeaders: Record<string, string>, pageConfiguration = "") {
    headers = pageHeaders;
    configuration = pageConfiguration;
    const page = await browser.newPage();
    const requests: string[] = [];
    const warnings: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    const told = page.waitForEvent("console", { predicate: (message) => message.type() === "log", timeout: 30_000 });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const result = JSON.parse((await told).text()) as Result;
    const workers = page.workers().length;
    await page.close();
    return { result, workers, warnings, requests };
  }

  let reference: number | undefined;

  test("isolated: two workers, nothing fetched beside the module but its kernels", async () => {
    const { result, workers, requests } = await open(ISOLATED);
    expect(result).toEqual({ hash: expect.any(Number), isolated: true, recommended: 3 });
    expect(workers).toBe(2);
    expect(requests.filter((path) => path in FILES)).toEqual(["/index.js", "/kernels-descent.js"]);
    reference = result.hash;
  });

  test("not isolated: the page's own thread, the same bits", async () => {
    const { result, workers } = await open({});
    expect(result).toEqual({ hash: reference, isolated: false, recommended: 3 });
    expect(workers).toBe(0);
  });

  test("a policy without blob workers: a warning, one thread, the same bits", async () => {
    const policy = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'";
    const { result, workers, warnings } = await open({ ...ISOLATED, "Content-Security-Policy": policy });
    expect(result).toEqual({ hash: reference, isolated: true, recommended: 3 });
    expect(workers).toBe(0);
    expect(warnings.join("\n")).toMatch(/lowrank: no worker could start, one thread is used instead/);
  });

  test("workerUrl and wasm: threads under the same policy, from files", async () => {
    const policy = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'";
    const { result, workers, requests } = await open(
      { ...ISOLATED, "Content-Security-Policy": policy },
      `configure({ workerUrl: "/worker.js", wasm: { strict: await (await fetch("/lowrank.strict.wasm")).arrayBuffer() } });`,
    );
    expect(result).toEqual({ hash: reference, isolated: true, recommended: 3 });
    expect(workers).toBe(2);
    expect(new Set(requests)).toContain("/worker.js");
    expect(requests).not.toContain("/kernels-descent.js");
  });

  test("a policy without wasm: an error that a reader understands", async () => {
    const policy = "default-src 'self'; script-src 'self' 'unsafe-inline'";
    const { result } = await open({ ...ISOLATED, "Content-Security-Policy": policy });
    expect(result.error).toMatch(/wasm-unsafe-eval/);
  });

  test("a workerUrl that is not there: the fit rejects and says which worker", async () => {
    const { result } = await open(ISOLATED, `configure({ workerUrl: "/nowhere.js" });`);
    expect(result.error).toMatch(/worker 0 could not start/);
  });
});
