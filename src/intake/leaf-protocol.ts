/** What passes between who plans batches of contacts and the thread that makes their leaves. */
import type { MadeLeaf, PlannedLeaf } from "./leaf.js";

export interface LeafRequest {
  readonly id: number;
  readonly planned: PlannedLeaf;
}

export type LeafReply =
  | { readonly id: number; readonly made: MadeLeaf }
  | { readonly id: number; readonly failure: string };
