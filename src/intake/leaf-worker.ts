/** The thread that makes leaves of contacts; the sealing keys come with each batch and are wiped with it. */
import { parentPort } from "node:worker_threads";
import { serveLeaves } from "../log/index.js";
import { madeMemory, makeLeaf } from "./leaf.js";

if (parentPort !== null) serveLeaves(parentPort, makeLeaf, madeMemory);
