export { type Audience, Audiences, type AudienceView, type ListHeader, type ListOperation } from "./audiences.js";
export { AudienceError, type AudienceErrorCode } from "./error.js";
export { decodeList, encodeList, type ListFacts } from "./list-facts.js";
