/** All attacks, in families that take the same steps of simulated time, so that one bed can play them side by side. */
import type { Attack } from "../attack.js";
import { answerTimes } from "./answer-times.js";
import { answerWords } from "./answer-words.js";
import { attributeSlicing } from "./attribute-slicing.js";
import { brokerList } from "./broker-list.js";
import { colludingAccounts } from "./colluding-accounts.js";
import { consentChange } from "./consent-change.js";
import { deduplication, deduplicationByRemoval } from "./deduplication.js";
import { delivery } from "./delivery.js";
import { differenceOverTime } from "./difference-over-time.js";
import { enumeration } from "./enumeration.js";
import { lateJoin } from "./late-join.js";
import { listOfOne } from "./list-of-one.js";
import { normalForm } from "./normal-form.js";
import { offByOne } from "./off-by-one.js";
import { plantedAccounts } from "./planted-accounts.js";
import { reCreation } from "./re-creation.js";
import { roundingEdge } from "./rounding-edge.js";
import { setAlgebra } from "./set-algebra.js";
import { sourceProbes } from "./source-probe.js";
import { stickyByContent, stickyBySet } from "./sticky-noise.js";

/** Those that wait for epochs come first: what others leave behind would be released again at each. */
export const families: readonly (readonly Attack[])[] = [
  [consentChange, lateJoin],
  [differenceOverTime],
  sourceProbes,
  [
    ...[listOfOne, deduplication, deduplicationByRemoval, roundingEdge, attributeSlicing, setAlgebra, stickyBySet],
    ...[answerWords, plantedAccounts, enumeration, normalForm, offByOne, brokerList],
  ],
  [answerTimes],
  [colludingAccounts],
  [stickyByContent],
  [reCreation],
  [delivery],
];
