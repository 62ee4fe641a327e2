/** HTTP: the API, its documentation, and the channel by which other processes reach the one that writes. */
export { type ChannelListener, isAnswering, runRemotely } from "./channel.js";
export { apiReference } from "./reference.js";
export { findServer, type RunningServer } from "./running.js";
export { DEFAULT_PORT, type Server, type ServerOptions, startServer } from "./server.js";
export type { SessionView } from "./sessions.js";
