/** Safetensors files put together by hand, right and wrong. */

/** Length, header and buffer; a header that is text is written as it is. */
export function rawFile(header: unknown, buffer: Uint8Array | number = 0): Uint8Array<ArrayBuffer> {
  const json = typeof header === "string" ? header : JSON.stringify(header);
  return rawBytes(new TextEncoder().encode(json), buffer);
}

/** As `rawFile`, from the bytes of a header. */
export function rawBytes(header: Uint8Array, buffer: Uint8Array | number = 0): Uint8Array<ArrayBuffer> {
  const bufferBytes = typeof buffer === "number" ? new Uint8Array(buffer) : buffer;
  const file = new Uint8Array(8 + header.length + bufferBytes.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(bufferBytes, 8 + header.length);
  return file;
}

export interface RawTensor {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

/** A file taken apart with nothing but the format's own rules. */
export function takeApart(file: Uint8Array): { metadata: Record<string, string>; tensors: Map<string, RawTensor> } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const begin = 8 + Number(view.getBigUint64(0, true));
  const { __metadata__: metadata, ...entries } = JSON.parse(new TextDecoder().decode(file.subarray(8, begin)));
  const tensors = new Map<string, RawTensor>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries<{
    dtype: string;
    shape: number[];
    data_offsets: [number, number];
  }>(entries)) {
    tensors.set(name, { dtype, shape, bytes: file.slice(begin + offsets[0], begin + offsets[1]) });
  }
  return { metadata, tensors };
}

/** The other way: tensors one after the other, in the order of the map. */
export function putTogether(
  metadata: Record<string, string>,
  tensors: ReadonlyMap<string, RawTensor>,
): Uint8Array<ArrayBuffer> {
  const header: [string, unknown][] = [["__metadata__", metadata]];
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header.push([name, { dtype, shape, data_offsets: [end, end + bytes.length] }]);
    end += bytes.length;
  }
  const buffer = new Uint8Array(end);
  end = 0;
  for (const { bytes } of tensors.values()) {
    buffer.set(bytes, end);
    end += bytes.length;
  }
  return rawFile(Object.fromEntries(header), buffer);
}

/** A tensor of one dimension of an array's elements. */
export function rawVector(dtype: string, array: ArrayLike<unknown> & ArrayBufferView): RawTensor {
  return {
    dtype,
    shape: [array.length],
    bytes: new Uint8Array(array.buffer.slice(array.byteOffset, array.byteOffset + array.byteLength) as ArrayBuffer),
  };
}
