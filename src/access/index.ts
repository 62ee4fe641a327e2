export {
  Access,
  type AccessRooms,
  type Advertiser,
  type ApiKey,
  addAdvertiser,
  createKey,
  type KeyOptions,
  type NewKey,
  requireName,
  revokeKey,
  SCOPES,
  type Scope,
} from "./access.js";
export { AccessError, type AccessErrorCode } from "./error.js";
