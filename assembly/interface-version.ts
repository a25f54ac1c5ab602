/** The number of the binary interface, in every module: it changes when a kernel's arguments or meaning do. */
export const INTERFACE_VERSION: i32 = 6;
