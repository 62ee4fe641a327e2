/** The blocks of memory of some columns, each once, as they must be named to be given to another thread. */
export function columnMemory(...columns: readonly object[]): ArrayBuffer[] {
  const buffers = columns
    .flatMap((named): unknown[] => Object.values(named))
    .filter((column) => ArrayBuffer.isView(column))
    .map(({ buffer }) => buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer && buffer.byteLength > 0);
  return [...new Set(buffers as ArrayBuffer[])];
}
