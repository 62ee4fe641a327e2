/**
 * Commands for whoever proposes or looks back: what would be wrong with a notice, and what was decided, by which two.
 */
import { z } from "zod";
import type { Action, ActionType, Decided } from "../operator/index.js";
import {
  type NoticeIssue,
  type NoticeReview,
  noticeIssues,
  PurposeError,
  parseNotice,
  reviewNotice,
} from "../purpose/index.js";
import { command } from "./command.js";
import { type Problem, problemOf } from "./problem.js";

/** A notice as it is being written: what is wrong with it, and what its approver would see. */
export interface NoticeCheck {
  /** Fields that do not have their form. */
  readonly issues: readonly NoticeIssue[];
  readonly review: NoticeReview | null;
  /** Why it could not be adopted as it is. */
  readonly problem: Problem | null;
}

/** Checks a notice that nobody has proposed yet; changes nothing. */
export const noticeCheck = command(z.strictObject({ notice: z.unknown() }), ({ notices }, { notice }): NoticeCheck => {
  const issues = noticeIssues(notice);
  if (issues.length > 0) return { issues, review: null, problem: null };
  const parsed = parseNotice(notice);
  const review = reviewNotice(notices, parsed);
  try {
    notices.checkAdoption(parsed, undefined);
    return { issues, review, problem: null };
  } catch (error) {
    if (!(error instanceof PurposeError)) throw error;
    return { issues, review, problem: problemOf(error) };
  }
});

/** What waits no more: decided by two, or lapsed with its proposer's key or by a later decision. */
export interface DecidedView {
  readonly proposal: string;
  readonly type: ActionType;
  readonly action: Action;
  readonly by: string;
  readonly at: string;
  /** Null for what lapsed. */
  readonly approved: {
    readonly by: string;
    readonly at: string;
    readonly confirm: readonly string[];
    /** Of the approval in the ledger. */
    readonly position: number;
  } | null;
  /** The later decision that it lapsed by; null for what was approved, or lapsed with its proposer's key. */
  readonly overtakenBy: {
    readonly type: ActionType;
    readonly by: string;
    readonly approvedBy: string;
    readonly position: number;
  } | null;
}

const decidedInput = z.strictObject({ limit: z.int().min(1).max(1000).default(100) });

/** What two operators decided, the latest first. */
export const decided = command(decidedInput, ({ decisions }, { limit }) =>
  decisions.operators
    .decided()
    .sort((a, b) => placeOf(b) - placeOf(a))
    .slice(0, limit)
    .map(viewDecided),
);

const placeOf = ({ proposal, approval }: Decided): number => approval?.position ?? proposal.position;

function viewDecided({ proposal: { id, action, by, at }, approval, overtakenBy }: Decided): DecidedView {
  return {
    ...{ proposal: id, type: action.type, action, by, at },
    approved:
      approval === undefined
        ? null
        : { by: approval.by, at: approval.at, confirm: approval.confirm, position: approval.position },
    overtakenBy:
      overtakenBy === undefined
        ? null
        : {
            ...{ type: overtakenBy.proposal.action.type, by: overtakenBy.proposal.by },
            ...{ approvedBy: overtakenBy.approval.by, position: overtakenBy.approval.position },
          },
  };
}
