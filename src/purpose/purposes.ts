/**
 * The purpose tree: what a contact may be used for.
 *
 * Small and fixed. Only leaves can be named, by notices, events and keys. Each leaf maps to a term of
 * the W3C Data Privacy Vocabulary (https://w3id.org/dpv, version 2), or to a term of our own under one,
 * for exports. The codes are kept in facts and never change.
 */
import { PurposeError } from "./error.js";

const DPV = "https://w3id.org/dpv#";
const OWN = "urn:solely:purpose:";

interface PurposeLeaf {
  /** Kept in facts; never reused. */
  readonly code: number;
  readonly meaning: string;
  /** The IRI that names it in exports. */
  readonly term: string;
  /** For a term of our own: the DPV term that it is narrower than. */
  readonly under?: string;
}

export const PURPOSES = {
  "security.mfa": {
    code: 0,
    meaning: "a second factor at login",
    term: `${OWN}SecondFactor`,
    under: `${DPV}IdentityAuthentication`,
  },
  "security.recovery": {
    code: 1,
    meaning: "getting back into a lost account",
    term: `${OWN}AccountRecovery`,
    under: `${DPV}IdentityAuthentication`,
  },
  "security.unlock": {
    code: 2,
    meaning: "proving that a locked account is a person's",
    term: `${OWN}AccountUnlock`,
    under: `${DPV}MisusePreventionAndDetection`,
  },
  "security.login-alert": {
    code: 3,
    meaning: "telling the owner of a login",
    term: `${OWN}LoginAlert`,
    under: `${DPV}MisusePreventionAndDetection`,
  },
  "service.account": { code: 4, meaning: "running the account itself", term: `${DPV}ServiceProvision` },
  "service.message": {
    code: 5,
    meaning: "messages that the service asked for needs",
    term: `${OWN}ServiceMessage`,
    under: `${DPV}ServiceProvision`,
  },
  "marketing.message": { code: 6, meaning: "the platform's own marketing messages", term: `${DPV}DirectMarketing` },
  "ads.match": {
    code: 7,
    meaning: "matching with advertisers' lists to choose who sees an ad",
    term: `${OWN}AudienceMatching`,
    under: `${DPV}TargetedAdvertising`,
  },
  "ads.measure": {
    code: 8,
    meaning: "measuring what an ad led to",
    term: `${OWN}AdMeasurement`,
    under: `${DPV}Advertising`,
  },
  "share.partner": {
    code: 9,
    meaning: "giving the contact to another company",
    term: `${OWN}PartnerSharing`,
    under: `${DPV}SellDataToThirdParties`,
  },
} as const satisfies Record<string, PurposeLeaf>;

export type Purpose = keyof typeof PURPOSES;

/** All leaves, in the order of their codes. */
export const purposeNames = Object.keys(PURPOSES) as readonly Purpose[];

export function isPurpose(name: string): name is Purpose {
  return Object.hasOwn(PURPOSES, name);
}

/** @throws {PurposeError} code `unknown-purpose` */
export function parsePurpose(name: string): Purpose {
  if (isPurpose(name)) return name;
  throw new PurposeError(
    "unknown-purpose",
    `${JSON.stringify(name)} is no purpose; known are ${purposeNames.join(", ")}`,
  );
}

export const purposeCode = (purpose: Purpose): number => PURPOSES[purpose].code;

/** @throws {PurposeError} code `unknown-purpose` */
export function purposeOfCode(code: number): Purpose {
  const name = purposeNames[code];
  if (name === undefined) throw new PurposeError("unknown-purpose", `no purpose has the code ${code}`);
  return name;
}

export const isSecurity = (purpose: Purpose): boolean => purpose.startsWith("security.");

/** Purposes that a last specific promise can take away, and that a withdrawal without a purpose covers. */
export const isPromotional = (purpose: Purpose): boolean => /^(ads|marketing|share)\./.test(purpose);
