/** Sign-in: who uses the console, and how they get in. */
export { Attempts, type Named } from "./attempts.js";
export { CEREMONY_MS, Ceremonies, type Place } from "./ceremonies.js";
export { SignInError, type SignInErrorCode } from "./error.js";
export { type Link, Links, newToken, tokenHash } from "./links.js";
export { Passwords } from "./passwords.js";
export { type Session, Sessions, type Visitor } from "./sessions.js";
