/** How the leaves of showings are made. */
import { columnMemory } from "../column/index.js";
import type { LeafMaker } from "../log/index.js";
import { type EncodedShowings, encodeShowings, type PlannedShowings } from "./facts.js";

export const SHOWING_LEAVES: LeafMaker<PlannedShowings, EncodedShowings> = {
  worker: new URL("./leaf-worker.js", import.meta.url),
  make: encodeShowings,
  rows: ({ shown }) => shown.account.length,
  memory: ({ shown }) => columnMemory(shown),
};
