/**
 * Vault: contacts' values, sealed per purpose; masks; reveals; what an erasure does to them; the keys.
 */
export { COMPARTMENTS, type Compartment, keyFamily, parseCompartment, type SealedPurpose } from "./compartment.js";
export { erasureRewrites } from "./erasure.js";
export { VaultError, type VaultErrorCode } from "./error.js";
export { commandKeyService, type KeyCommands, type KeyService } from "./key-service.js";
export { VAULT_LIMITS } from "./limits.js";
export { openVault } from "./open.js";
export {
  type AskedContact,
  pointsOf,
  type RevealedContact,
  type RevealResult,
  type RevealRooms,
  revealToOperator,
  revealToService,
} from "./reveal.js";
export { Reveals } from "./reveals.js";
export {
  resumeRotations,
  rotateSealingKey,
  type SealingRotationOptions,
  type SealingRotationResult,
  type SealingRotationRooms,
} from "./rotation.js";
export { type SealingOrder, sealingOrder, sealRows, type ValueColumns } from "./seal.js";
export { type GivenValue, Vault, type VaultRooms } from "./vault.js";
