/** A web server on this machine alone that plays the one with the archives. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { zipSync } from "fflate";

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export class ArchiveServer {
  /** What is at a path; anything else is not found. */
  readonly answers = new Map<string, Answer>();
  /** Paths asked for, in order. */
  readonly requests: string[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? "";
      this.requests.push(path);
      const answer = this.answers.get(path);
      if (answer) answer(response, request);
      else response.writeHead(404).end("no such file");
    });
    this.#server.unref(); // never a reason to stay
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/sets/`;
  }

  /** Offers an archive and, beside it, its checksum. */
  offer(name: string, archive: Uint8Array, checksum = md5(archive)): void {
    this.answers.set(`/sets/${name}.zip`, (response) => {
      response.writeHead(200, { "content-length": archive.length }).end(archive);
    });
    this.answers.set(`/sets/${name}.zip.md5`, (response) => {
      response.end(`MD5 (${name}.zip) = ${checksum}\n`);
    });
  }
}

export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

/** An archive of text files by their names; a link where the text begins with "→". */
export function archiveOf(files: Record<string, string>): Uint8Array {
  const entries = Object.entries(files).map(([name, text]) => {
    const mode = text.startsWith("→") ? 0o120777 : 0o100644;
    return [name, [new TextEncoder().encode(text), { os: 3, attrs: mode * 2 ** 16 }]];
  });
  return zipSync(Object.fromEntries(entries));
}
