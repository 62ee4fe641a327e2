/**
 * Compartments of the vault: one for each purpose that a value may be sealed for, and one for masks. Each has keys of its
 * own. Nothing is ever sealed for matching, measuring or sharing: there is no compartment for it.
 */
import { PURPOSES, type Purpose, purposeNames } from "../purpose/index.js";
import type { KeyFamily } from "../token/index.js";
import { VaultError } from "./error.js";

export type SealedPurpose = Exclude<Purpose, `ads.${string}` | `share.${string}`>;
export type Compartment = SealedPurpose | "mask";

/** Kept with chunks; never a purpose's code. */
const MASK_CODE = 1000;

export const isSealedPurpose = (name: string): name is SealedPurpose =>
  purposeNames.some((purpose) => purpose === name) && !/^(ads|share)\./.test(name);

export const SEALED_PURPOSES: readonly SealedPurpose[] = purposeNames.filter(isSealedPurpose);
export const COMPARTMENTS: readonly Compartment[] = [...SEALED_PURPOSES, "mask"];

export const compartmentCode = (compartment: Compartment): number =>
  compartment === "mask" ? MASK_CODE : PURPOSES[compartment].code;

/** Name of the keys of a compartment. */
export const keyFamily = (compartment: Compartment): KeyFamily => `seal.${compartment}`;

/** @throws {VaultError} code `unknown-compartment` */
export function parseCompartment(name: string): Compartment {
  const found = COMPARTMENTS.find((compartment) => compartment === name);
  if (found !== undefined) return found;
  throw new VaultError(
    "unknown-compartment",
    `nothing is sealed for ${JSON.stringify(name.slice(0, 64))}`,
    `known are ${COMPARTMENTS.join(", ")}`,
  );
}
