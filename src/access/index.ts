export {
  Access,
  type AccessRooms,
  type Advertiser,
  type ApiKey,
  addAdvertiser,
  createKey,
  type KeyOptions,
  type RevealTerms,
  revokeKey,
  SCOPES,
  type Scope,
  stopKey,
} from "./access.js";
export { AccessError, type AccessErrorCode } from "./error.js";
export {
  addPasskey,
  endLogin,
  endPasskey,
  inviteLogin,
  type Login,
  Logins,
  setPassword,
} from "./logins.js";
export { requireName } from "./name.js";
