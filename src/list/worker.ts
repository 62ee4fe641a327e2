/** Reading worker of lists. It is given no key. */
import { parentPort } from "node:worker_threads";
import { serveReading } from "../input/index.js";
import type { DigestBatch } from "./batch.js";
import { ListReader } from "./reader.js";
import type { ListOptions } from "./rows.js";
import type { ListSummary } from "./total.js";

if (parentPort !== null) {
  serveReading<ListOptions, DigestBatch, ListSummary>(
    parentPort,
    (options) => {
      const reader = new ListReader(options);
      const end = () => {
        const { batches, summary } = reader.end();
        return { batches, end: summary };
      };
      return { push: (bytes) => reader.push(bytes), end };
    },
    batchMemory,
  );
}

function batchMemory({ digest, kinds, refusals: { line, column, code } }: DigestBatch): ArrayBuffer[] {
  return [digest, kinds, line, column, code].flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}
