/** The thread that makes leaves of showings. It is given no key. */
import { parentPort } from "node:worker_threads";
import { columnMemory } from "../column/index.js";
import { serveLeaves } from "../log/index.js";
import { encodeShowings } from "./facts.js";

if (parentPort !== null) serveLeaves(parentPort, encodeShowings, columnMemory);
