/** Sign-in: who uses the console. */
export { type Link, Links } from "./links.js";
export { type Session, Sessions, type Visitor } from "./sessions.js";
