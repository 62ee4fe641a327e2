/** Events: their codes in facts, and what they take away. */
import { isPromotional, type Purpose, purposeCode } from "../purpose/index.js";

/** Codes of events in facts; never change. */
export const EVENT_TYPES = ["withdraw", "erase", "disown"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** A withdrawal's purpose code when it named none: all under marketing, ads and share. */
export const ALL_PROMOTIONAL = 255;
const WITHDRAW = EVENT_TYPES.indexOf("withdraw");
const ADS = purposeCode("ads.match");

/** Whether an event takes `ads.match` away. Erasure and loss of ownership take everything. */
export function coversAds(type: number, purpose: number): boolean {
  return type !== WITHDRAW || purpose === ALL_PROMOTIONAL || purpose === ADS;
}

/** Whether an event takes a purpose away. Erasure and loss of ownership take everything. */
export function covers(type: number, code: number, purpose: Purpose): boolean {
  if (type !== WITHDRAW) return true;
  return code === ALL_PROMOTIONAL ? isPromotional(purpose) : code === purposeCode(purpose);
}
