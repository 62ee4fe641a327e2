/**
 * Reading worker: a thin thread around the contact reader. It is given the keys of identities and of batch
 * digests, and no other.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { ContactReader, parquetContacts } from "./contact-reader.js";
import { IntakeError } from "./error.js";
import { INTAKE_LIMITS } from "./limits.js";
import { batchMemory, type ContactBatch } from "./rows.js";
import type { FromWorker, ToWorker, WorkerInput } from "./worker-protocol.js";

if (parentPort !== null) run(parentPort, workerData);

function run(port: MessagePort, input: WorkerInput): void {
  const send = (message: FromWorker) => port.postMessage(message);
  const give = (batch: ContactBatch) =>
    port.postMessage({ type: "batch", batch } satisfies FromWorker, batchMemory(batch));
  const onWarning = (message: string) => send({ type: "warning", message });
  const fail = (error: unknown) => {
    if (!(error instanceof IntakeError)) throw error;
    const { code, message, fix, field } = error;
    send({
      type: "failed",
      code,
      message,
      ...(fix === undefined ? {} : { fix }),
      ...(field === undefined ? {} : { field }),
    });
    port.close();
  };
  const done = () => {
    send({ type: "done" });
    port.close();
  };

  if (input.format === "parquet") {
    let waiting = 0;
    let taken: (() => void) | undefined;
    port.on("message", (message: ToWorker) => {
      if (message.type !== "taken") return;
      waiting--;
      taken?.();
    });
    const readAll = async () => {
      for await (const batch of parquetContacts(input.path ?? "", { ...input, onWarning })) {
        give(batch);
        waiting++;
        while (waiting >= INTAKE_LIMITS.batchesInFlight) await new Promise<void>((resolve) => (taken = resolve));
      }
    };
    readAll().then(done, fail);
    return;
  }

  const { format } = input;
  const reader = new ContactReader({ ...input, format, onWarning });
  port.on("message", (message: ToWorker) => {
    try {
      if (message.type === "block") {
        for (const batch of reader.push(message.bytes)) give(batch);
        message.bytes.fill(0);
        send({ type: "worked", bytes: message.bytes.length });
      } else if (message.type === "end") {
        for (const batch of reader.end()) give(batch);
        done();
      }
    } catch (error) {
      fail(error);
    }
  });
}
