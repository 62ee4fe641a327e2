/** The side of a thread that makes leaves of planned batches, in the order asked. It is started with nothing. */
import type { MessagePort } from "node:worker_threads";
import type { LeafReply, LeafRequest } from "./leaf-protocol.js";

/**
 * Makes leaves for the thread that started this worker.
 * @param memory the memory of what was made, for giving it away
 */
export function serveLeaves<Planned, Made>(
  port: MessagePort,
  make: (planned: Planned) => Made,
  memory: (made: Made) => ArrayBuffer[],
): void {
  const reply = (message: LeafReply<Made>, given: ArrayBuffer[] = []) => port.postMessage(message, given);
  port.on("message", ({ id, planned }: LeafRequest<Planned>) => {
    try {
      const made = make(planned);
      reply({ id, made }, memory(made));
    } catch (error) {
      reply({ id, failure: error instanceof Error ? error.message : String(error) });
    }
  });
}
