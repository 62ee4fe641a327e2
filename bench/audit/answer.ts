/** What both sides of the audit's bench answer, in a form that can be compared. */
import { createHash } from "node:crypto";

/** A list, and people whom it affected, at least and at most. */
export type ListCounts = readonly [string, number, number];

export function auditAnswer(least: number, most: number, lists: readonly ListCounts[]): string {
  const lines = lists.map((one) => one.join(" ")).sort();
  const digest = createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
  return `${least} to ${most} people, ${lists.length} lists ${digest}`;
}
