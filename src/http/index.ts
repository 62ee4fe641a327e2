/** HTTP: the API, its documentation, and the channel by which other processes reach the one that writes. */
import type { Solely } from "../instance/index.js";
import type { Server, ServerOptions } from "./server.js";

export { type ChannelListener, isAnswering, runRemotely } from "./channel.js";
export type { OwnLoginView } from "./own-login.js";
export { apiReference } from "./reference.js";
export { DEFAULT_PORT, findServer, type RunningServer } from "./running.js";
export type { Server, ServerOptions } from "./server.js";
export type { SessionView } from "./sessions.js";

/**
 * Serves a store over HTTP until it is closed; the store stays open.
 * @example const server = await startServer(solely, { port: 7400 })
 */
export async function startServer(solely: Solely, options: ServerOptions = {}): Promise<Server> {
  // Loading what serves takes longer than most commands, which need none of it.
  const { serve } = await import("./server.js");
  return serve(solely, options);
}
export type { InvitationView } from "./sign-in.js";
