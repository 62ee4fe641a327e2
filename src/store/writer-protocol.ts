/** What passes between the store and its writing thread. */
import type { ClientConfig } from "pg";
import type { Append, TokenRewrite } from "./append.js";
import type { StoreErrorCode, StoreErrorFields } from "./failure.js";
import type { SealedRow } from "./sealed.js";
import type { SignedTiles } from "./tiles.js";
import type { WriterAddress } from "./writer-lock.js";

/** What the thread is started with. */
export interface WriterStart {
  readonly config: ClientConfig;
  /** The server's data folder, if it is local. */
  readonly dir: string | undefined;
}

export type WriterRequest =
  | { readonly op: "lock" }
  | { readonly op: "publish"; readonly address: WriterAddress }
  | { readonly op: "append"; readonly firstPosition: number; readonly entries: readonly Append[] }
  | { readonly op: "rewrite"; readonly rows: readonly TokenRewrite[] }
  | { readonly op: "rewrite-sealed"; readonly rows: readonly SealedRow[] }
  | { readonly op: "save-tiles"; readonly signed: SignedTiles }
  | { readonly op: "compact" }
  | { readonly op: "end" };

export interface WriterFailure extends StoreErrorFields {
  readonly code: StoreErrorCode;
  readonly message: string;
}

export type WriterReply =
  /** The connection is gone, and with it the lock. */
  | { readonly isLost: true }
  | { readonly id: number; readonly answer: boolean }
  | { readonly id: number; readonly failure: WriterFailure; readonly isBroken: boolean };
