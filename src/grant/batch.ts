/**
 * Good rows as they come from intake, column by column: what grants, events and accounts are planned from.
 */

export interface ContactColumns {
  readonly rows: number;
  readonly accountBytes: Uint8Array;
  readonly accountEnds: Uint32Array;
  /** Rows, ascending, that another account gave, and that account. */
  readonly givenByRow: Uint32Array;
  readonly givenByBytes: Uint8Array;
  readonly givenByEnds: Uint32Array;
  /** 16 bytes each. */
  readonly identity: Uint8Array;
  readonly kind: Uint8Array;
  /** Index of the notice version. */
  readonly notice: Uint16Array;
  /** 1 if the row named the notice by its id only. */
  readonly byId: Uint8Array;
  readonly givenAt: Float64Array;
  /** NaN if it is not verified; the time of giving if a vouching source gave none. */
  readonly verifiedAt: Float64Array;
  /** Row of each form, ascending. */
  readonly formRow: Uint32Array;
  /** Schemes whose form it is. */
  readonly formMask: Uint8Array;
  /** 16 bytes each: the first 128 bits of SHA-256 of the form. */
  readonly formDigest: Uint8Array;
}

export interface EventColumns {
  readonly rows: number;
  /** Place in EVENT_TYPES. */
  readonly type: Uint8Array;
  readonly accountBytes: Uint8Array;
  readonly accountEnds: Uint32Array;
  /** 1 if it is about one contact point, 0 for the whole account. */
  readonly hasContact: Uint8Array;
  readonly kind: Uint8Array;
  /** 16 bytes each, zero for a whole account. */
  readonly identity: Uint8Array;
  /** Code of a leaf purpose, or ALL_PROMOTIONAL. */
  readonly purpose: Uint8Array;
  readonly at: Float64Array;
}

/** Values of an attribute. */
export const ATTRIBUTE = { no: 0, yes: 1, absent: 2 } as const;

/** An absent field is 0, NaN or ATTRIBUTE.absent. */
export interface AccountColumns {
  readonly rows: number;
  readonly accountBytes: Uint8Array;
  readonly accountEnds: Uint32Array;
  /** Two upper-case letters each. */
  readonly country: Uint8Array;
  readonly createdAt: Float64Array;
  readonly lastActiveAt: Float64Array;
  /** Index in `cohorts` + 1. */
  readonly cohort: Uint16Array;
  readonly cohorts: readonly string[];
  /** ATTRIBUTE values by name. */
  readonly attributes: ReadonlyMap<string, Uint8Array>;
}
