/**
 * The thread that makes leaves of planned batches, in the order asked. It is started with nothing; the sealing keys come
 * with each batch and are wiped with it.
 */
import { parentPort } from "node:worker_threads";
import { madeMemory, makeLeaf } from "./leaf.js";
import type { LeafReply, LeafRequest } from "./leaf-protocol.js";

parentPort?.on("message", ({ id, planned }: LeafRequest) => {
  const reply = (message: LeafReply, memory: ArrayBuffer[] = []) => parentPort?.postMessage(message, memory);
  try {
    const made = makeLeaf(planned);
    reply({ id, made }, madeMemory(made));
  } catch (error) {
    reply({ id, failure: error instanceof Error ? error.message : String(error) });
  }
});
