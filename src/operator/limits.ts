/** The limits of this room. A statement has room for the longest notice with every character escaped. */
export const MAX_STATEMENT_BYTES = 512 * 1024;
/** A statement inside its signed form, where every quotation mark is escaped once more. */
export const MAX_SIGNED_BYTES = 2 * MAX_STATEMENT_BYTES + 16 * 1024;
export const MAX_STATEMENT_DEPTH = 16;
/** An assertion inside its statement's signature, where base64 makes it a third longer. */
export const MAX_ASSERTION_BYTES = 3 * 1024;
export const MIN_OPERATORS = 2;
export const MAX_OPERATORS = 64;
export const MAX_PASSKEYS_PER_OPERATOR = 16;
/** Per operator, so that one can't keep the others from proposing; removing the operator lapses them. */
export const MAX_PENDING_PROPOSALS = 1_000;
export const MAX_CONFIRMED_PURPOSES = 16;
/** Rejected facts are counted exactly; the reasons of the first ones are kept. */
export const MAX_REJECTED_FACTS_KEPT = 1_000;
/** The shortest beginning of a proposal's id that a person may type. */
export const MIN_PROPOSAL_PREFIX_HEX = 8;
export const MAX_KEY_FILE_BYTES = 16 * 1024;
export const MAX_KEY_FILES = 1_000;
