import { command } from "./command.js";

/** Bytes on disk of this package as `npm install` puts it there; it needs no other. */
export async function packageSize(): Promise<number> {
  const [packed] = JSON.parse(await command("npm", ["pack", "--dry-run", "--ignore-scripts", "--json"])) as [
    { unpackedSize: number },
  ];
  return packed.unpackedSize;
}
