/**
 * Showing: to whom which campaign was shown through which audience, and the alarms of what must not be.
 */
export { type Alarm, type AlarmAbout, Alarms, alarmEntry, alarmText } from "./alarms.js";
export { Eligible, type EligibleRooms } from "./eligible.js";
export { ShowingError, type ShowingErrorCode } from "./error.js";
export { DAY_MS, GROUP, type ShowingCounts, type ShownBatch, showingFacts, shownAccounts } from "./facts.js";
export { SHOWING_LEAVES } from "./leaf.js";
export { Showings, type ShownAt, type ShownDay } from "./showings.js";
export { ShownBefore } from "./shown-before.js";
export { type ShowingOptions, type ShowingRooms, type ShowingsResult, takeShowings } from "./take.js";
