/**
 * Clocks that begin when a controller becomes aware of an incident: 72 hours to tell the supervisory authority (GDPR art.
 * 33(1)), and the 30 days after which orders of the kind that the FTC agrees with companies want a report.
 *
 * Awareness is for people to say. While nobody has said it, the clocks count from the opening of the incident, and say so.
 */
import type { ReportFacts } from "./facts.js";

const HOUR_MS = 3_600_000;

export interface Clock {
  readonly name: "72 hours" | "30 days";
  readonly rule: string;
  readonly startsAt: string;
  readonly startsWith: "awareness" | "opening";
  readonly dueAt: string;
  readonly doneAt: string | null;
  /** `kept` and `late` once it is done; before, `running` or `overdue`. */
  readonly state: "kept" | "late" | "running" | "overdue";
}

const RULES = [
  {
    name: "72 hours",
    hours: 72,
    rule: "GDPR art. 33(1): notification of the supervisory authority",
    done: "authority_told_at",
  },
  {
    name: "30 days",
    hours: 30 * 24,
    rule: "report of a covered incident, as orders word it",
    done: "order_reported_at",
  },
] as const;

/** The clocks as they stand at an instant. */
export function clocksAt(nowMs: number, openedAtMs: number, facts: ReportFacts): Clock[] {
  const { aware_at: aware } = facts;
  const startMs = aware === undefined ? openedAtMs : Date.parse(aware);
  return RULES.map(({ name, hours, rule, done }) => {
    const dueMs = startMs + hours * HOUR_MS;
    const doneAt = facts[done] ?? null;
    const isInTime = (doneAt === null ? nowMs : Date.parse(doneAt)) <= dueMs;
    return {
      ...{ name, rule, startsAt: new Date(startMs).toISOString() },
      startsWith: aware === undefined ? "opening" : "awareness",
      ...{ dueAt: new Date(dueMs).toISOString(), doneAt },
      state: doneAt === null ? (isInTime ? "running" : "overdue") : isInTime ? "kept" : "late",
    };
  });
}

export const isMissed = ({ state }: Clock): boolean => state === "late" || state === "overdue";
