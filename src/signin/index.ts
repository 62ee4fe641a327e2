/** Sign-in: who uses the console. */
export { type Session, Sessions, type Visitor } from "./sessions.js";
