export { TokenError, type TokenErrorCode } from "./error.js";
export { KeyFolder, type KeyName, keyCheck, readKeyFile } from "./keys.js";
export { storedTokens, TOKEN_BYTES, type TokenBatch, Tokeniser } from "./token.js";
export { TokenIndex } from "./token-index.js";
