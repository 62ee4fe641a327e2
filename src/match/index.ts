export { MatchError, type MatchErrorCode } from "./error.js";
export { type Digests, Matcher } from "./matcher.js";
export type { MatcherStart, Sections } from "./protocol.js";
