import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** The first rows of a file, its header among them. */
export async function* firstRows(file: string, count: number): AsyncGenerator<string> {
  const input = createReadStream(file);
  let rows = 0;
  for await (const line of createInterface({ input })) {
    yield line;
    if (rows++ === count) break;
  }
  input.destroy();
}
