import type { KernelMemory } from "./kernel-memory.js";

/** Above 2^31, where an address taken for an i32 is negative. */
export const ABOVE_2_GIB = 2 ** 31 + 2 ** 20;
export const FOUR_GIB = 2 ** 32;

/** Whether the host gives so many addresses; pages that nobody touches cost nothing. */
export function canReserve(bytes: number): boolean {
  try {
    new WebAssembly.Memory({ initial: bytes / 65536, maximum: 65536, shared: true });
    return true;
  } catch {
    return false;
  }
}

export function growToEnd({ memory }: KernelMemory): void {
  memory.grow(65536 - memory.buffer.byteLength / 65536);
}

/** A copy of bytes that ends where the memory does, once it is grown; whatever was there is lost. */
export function moveToEnd({ memory }: KernelMemory, ptr: number, bytes: number): number {
  new Uint8Array(memory.buffer).copyWithin(FOUR_GIB - bytes, ptr, ptr + bytes);
  return FOUR_GIB - bytes;
}
