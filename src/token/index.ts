export { TokenError, type TokenErrorCode } from "./error.js";
export { adsKeyName, createKeys, firstKeyNames, KeyHistory, keyName, type Rotation } from "./key-history.js";
export { KEY_BYTES, type KeyFamily, KeyFolder, type KeyName, keyCheck, readKeyFile, requireKey } from "./keys.js";
export { storedTokens, TOKEN_BYTES, type TokenBatch } from "./token.js";
export { TokenIndex } from "./token-index.js";
