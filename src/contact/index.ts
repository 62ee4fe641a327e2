export { contactTurn } from "./contact-turn.js";
export { digestMessages, FORM_DIGEST_BYTES } from "./digests.js";
export { ContactError, type ContactErrorCode } from "./error.js";
export {
  HASHABLE,
  isHashable,
  isKind,
  isKindCode,
  KIND_CODES,
  KINDS,
  type Kind,
  type KindCode,
  kindCode,
  kindName,
} from "./kind.js";
export { writeMask } from "./mask.js";
export { Messages } from "./messages.js";
export { Normaliser, valueForm } from "./normaliser.js";
export {
  EMAIL_MAX_BYTES,
  EXTERNAL_ID_MAX_BYTES,
  HANDLE_MAX_CHARACTERS,
  type Refusal,
  type RefusalName,
  refusal,
  USER_ID_MAX_DIGITS,
} from "./refusal.js";
export {
  EVERY_SCHEME,
  isSameForm,
  isScheme,
  MAX_FORMS,
  SCHEMES,
  type Scheme,
  schemeBit,
  schemes,
} from "./scheme.js";
export { dropBlanks, skipBlanks, trimmedText, writeText } from "./text.js";
