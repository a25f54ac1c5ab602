import { expect, test } from "vitest";
import { ByteInterner } from "../../src/data/csv/byte-interner.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

test("keys count up in order of first appearance and stay, however the tables grow", () => {
  const interner = new ByteInterner();
  const texts = Array.from({ length: 5000 }, (_, at) => `id ${at * 7919}`.repeat(1 + (at % 5)));
  texts.push("", "a", "aa", "\u0000", "\u0000\u0000", "x".repeat(100_000));
  texts.forEach((text, at) => {
    const bytes = encoder.encode(`<${text}>`);
    expect(interner.find(bytes, 1, bytes.length - 1)).toBe(-1);
    expect(interner.add(bytes, 1, bytes.length - 1)).toBe(at);
  });
  expect(interner.size).toBe(texts.length);
  texts.forEach((text, at) => {
    const bytes = encoder.encode(`${text}|`);
    expect(interner.find(bytes, 0, bytes.length - 1)).toBe(at);
    expect(decoder.decode(interner.bytesOf(at))).toBe(text);
  });
});
