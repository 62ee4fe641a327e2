/**
 * Threads of ours: started with nothing of the process's environment, and with room for the large blocks of memory that pass
 * through them.
 *
 * The runtime counts such blocks as part of a thread's heap and begins with a heap of a few megabytes, so that it collected
 * the whole of it every few blocks, which took a tenth of intake's processor time. It reads how large a heap begins when a
 * thread starts; a garbage collection sets the size anew by what it finds alive.
 */
import { setFlagsFromString } from "node:v8";
import { Worker, type WorkerOptions } from "node:worker_threads";

const FIRST_HEAP_MEBIBYTES = 128;

/** Starts the worker of a module. */
export function startThread(module: URL, options: Pick<WorkerOptions, "name" | "workerData"> = {}): Worker {
  setFlagsFromString(`--initial-heap-size=${FIRST_HEAP_MEBIBYTES}`);
  return new Worker(module, { ...options, env: {}, execArgv: [] });
}
