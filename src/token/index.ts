export { TokenError, type TokenErrorCode } from "./error.js";
export { adsKeyName, createKeys, KeyHistory } from "./key-history.js";
export { KeyFolder, type KeyName, keyCheck, readKeyFile } from "./keys.js";
export { storedTokens, TOKEN_BYTES, type TokenBatch } from "./token.js";
export { TokenIndex } from "./token-index.js";
