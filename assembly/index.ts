/**
 * The binary interface: compute over the caller's memory. Pointers are byte addresses, strides and sizes count
 * elements, ranges are half open. A kernel returns one f64: a sum, a count, or 0. It allocates nothing and keeps
 * nothing; all the kernels that fill or update rows use no atomics, so the module also runs over unshared memory.
 * This module has all the kernels; each family has one of its own beside it, for pages that need no other.
 */

export * from "./families/alternating";
export * from "./families/autorec";
export * from "./families/core";
export * from "./families/descent";
export { INTERFACE_VERSION } from "./interface-version";
