/**
 * Containment: what two operators decided about incidents, and the leaves by which it counts.
 *
 * An approved `incident.contain` is followed by a leaf of a correction, in the same transaction: from there on grants are
 * held to what the claim says of their notices, and members that claimed matches added are out of their audiences. An
 * approved `incident.undo` takes the grants' part back; who has left an audience stays out until a list finds them again.
 * The approval alone changes nothing, since decisions are folded before any data; a correction that was not decided
 * counts for nothing; and a decision without its correction is found when a store is opened.
 */
import type { Audiences } from "../audience/index.js";
import {
  type CorrectionHeader,
  type CorrectionStep,
  decodeCorrection,
  encodeCorrection,
  type GrantFold,
} from "../grant/index.js";
import { sealedChange } from "../intake/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Fold, Log, Sealed } from "../log/index.js";
import type { Matcher } from "../match/index.js";
import type { Action, ActionHandler, PlannedDecision } from "../operator/index.js";
import type { Correction, NoticeBook } from "../purpose/index.js";
import type { OrdinalSet } from "../set/index.js";
import type { FactRow } from "../store/index.js";
import { correctionsOf, matchesOf } from "./claim.js";
import { IncidentError } from "./error.js";
import type { Incident, Incidents } from "./incidents.js";
import { addedByMatches } from "./match-members.js";

type ContainAction = Extract<Action, { type: "incident.contain" | "incident.undo" }>;

/** What was decided, and is to be followed by a correction. */
interface Decided {
  readonly type: "contain" | "undo";
  readonly incident: string;
  readonly proposal: string;
  /** Position of the approval; the correction is right behind it. */
  readonly position: number;
  readonly atMs: number;
  readonly corrections: readonly Correction[];
}

/** Since when an incident is contained, and who signed. */
export interface ContainedState {
  readonly isContained: boolean;
  /** Of the last decision. */
  readonly atMs: number;
  readonly position: number;
}

export interface ContainmentRooms {
  readonly log: Log;
  readonly grants: GrantFold;
  readonly audiences: Audiences;
  readonly matcher: Matcher;
}

export class Containments implements Fold {
  readonly kinds = [LeafKind.correction];
  readonly #incidents: Incidents;
  readonly #notices: NoticeBook;
  readonly #grants: GrantFold;
  readonly #audiences: Audiences;
  /** By position of the approval. */
  readonly #decided = new Map<number, Decided>();
  /** The last decision about each incident. */
  readonly #last = new Map<string, Decided>();
  /** Positions of corrections that nobody decided. */
  readonly undecided: number[] = [];

  constructor(incidents: Incidents, notices: NoticeBook, grants: GrantFold, audiences: Audiences) {
    this.#incidents = incidents;
    this.#notices = notices;
    this.#grants = grants;
    this.#audiences = audiences;
  }

  /** What carries `incident.contain` and `incident.undo` out. */
  get handler(): ActionHandler<ContainAction> {
    return {
      check: (action) => void this.#incident(action),
      isOvertaken: ({ incident }, decided) =>
        (decided.type === "incident.contain" || decided.type === "incident.undo") && decided.incident === incident,
      apply: (action, { proposal, approval }, atMs) => {
        const { type, corrections } = this.#effect(action);
        const { position } = approval;
        const decided = { type, incident: action.incident, proposal: proposal.id, position, atMs, corrections };
        this.#decided.set(position, decided);
        this.#last.set(action.incident, decided);
      },
    };
  }

  /** `incident.tell` is one operator's word, and goes with the letters; there is nothing for a second one to approve. */
  readonly tellHandler: ActionHandler<Extract<Action, { type: "incident.tell" }>> = {
    check: ({ incident }) => {
      throw new IncidentError(
        "not-proposable",
        "letters are not proposed",
        `solely incident tell ${incident} makes them`,
      );
    },
    apply: () => {},
  };

  /** How an incident stands; undefined while nothing was decided about it. */
  state(incident: string): ContainedState | undefined {
    const last = this.#last.get(incident);
    if (last === undefined) return undefined;
    return { isContained: last.type === "contain", atMs: last.atMs, position: last.position };
  }

  /** Incidents that are contained now. */
  contained(): string[] {
    return [...this.#last.values()].filter(({ type }) => type === "contain").map(({ incident }) => incident);
  }

  /** Positions of decisions whose correction is not there. */
  missing(): number[] {
    const there = new Set(this.#grants.contacts.corrections.steps.map(({ position }) => position));
    return [...this.#decided.keys()].filter((position) => !there.has(position + 1));
  }

  /**
   * Stops a store in which a decision lacks its correction: what was contained would be in use.
   * @throws {IncidentError} code `correction-missing`
   */
  requireWhole(): void {
    const [position] = this.missing();
    if (position === undefined) return;
    throw new IncidentError(
      "correction-missing",
      `the decision at position ${position} lacks its correction, which was written with it`,
      "somebody changed the database: restore it from a backup; until then nothing is served",
    );
  }

  apply({ position, body }: FactRow): void {
    const decided = this.#decided.get(position - 1);
    const facts = decided === undefined ? undefined : decodeCorrection(body);
    if (decided === undefined || facts === undefined || !isAsDecided(facts.header, decided)) {
      this.undecided.push(position);
      return;
    }
    this.#grants.correct(stepOf(decided));
    for (const [i, audience] of facts.header.audiences.entries()) {
      this.#audiences.leave(audience, facts.removed[i]!, position);
      facts.removed[i]!.dispose();
    }
  }

  /**
   * Plans the leaf that an approval brings.
   * @param position of that leaf
   */
  async plan(
    { log, grants, audiences, matcher }: ContainmentRooms,
    { proposal, approval }: PlannedDecision,
    position: number,
    timeMs: number,
  ): Promise<Sealed> {
    const action = proposal.action as ContainAction;
    const { type, corrections } = this.#effect(action);
    const leaving = type === "contain" ? await this.leaving(log, [action.incident]) : new Map<string, OrdinalSet>();
    const header: CorrectionHeader = {
      type,
      actor: `operator:${approval.by}`,
      incident: action.incident,
      proposal: proposal.id,
      corrections,
      audiences: [...leaving.keys()],
    };
    const entry = log.entry({
      kind: LeafKind.correction,
      timeMs,
      ...encodeCorrection({ header, removed: [...leaving.values()] }),
    });
    const step = { position, incident: action.incident, type, corrections };
    return sealedChange({ grants, matcher }, grants.planCorrection(step), entry, () => {
      grants.noteCorrection(step);
      for (const [audience, members] of leaving) audiences.leave(audience, members, position);
    });
  }

  /** Members of audiences that some incidents' claimed matches added, as far as they are still there, or may be served. */
  async leaving(log: Log, incidents: readonly string[]): Promise<Map<string, OrdinalSet>> {
    const matches = incidents.flatMap((incident) => matchesOf(this.#incidents.get(incident).claim));
    const leaving = new Map<string, OrdinalSet>();
    const there = new Set(this.#grants.contacts.corrections.steps.map(({ position }) => position));
    for (const [audience, added] of await addedByMatches(log, matches, (at) => there.has(at))) {
      const { matched, served } = this.#audiences.known(audience);
      const held = matched.clone();
      if (served !== undefined) held.addSet(served);
      added.keepSet(held);
      held.dispose();
      if (added.size > 0) leaving.set(audience, added);
      else added.dispose();
    }
    return leaving;
  }

  /** The step that a decision about an incident would bring. */
  step(action: ContainAction, position: number): CorrectionStep {
    return { position, incident: action.incident, ...this.#effect(action) };
  }

  #effect(action: ContainAction): { type: "contain" | "undo"; corrections: readonly Correction[] } {
    const { claim } = this.#incident(action);
    if (action.type === "incident.contain")
      return { type: "contain", corrections: correctionsOf(claim, this.#notices) };
    return { type: "undo", corrections: this.#last.get(action.incident)!.corrections };
  }

  /** The incident of an action that could take effect now. */
  #incident({ type, incident: id, claim }: ContainAction): Incident {
    const incident = this.#incidents.get(id);
    if (incident.digest !== claim) {
      throw new IncidentError(
        "claim-changed",
        `what was signed is not the claim of incident ${id}`,
        "read the claim again (solely incident show), and sign that",
      );
    }
    const isContained = this.#last.get(id)?.type === "contain";
    if (type === "incident.contain" && isContained)
      throw new IncidentError("already-contained", `incident ${id} is contained already`, "there is nothing to do");
    if (type === "incident.undo" && !isContained)
      throw new IncidentError("not-contained", `incident ${id} is not contained`, "there is nothing to undo");
    return incident;
  }
}

const stepOf = ({ position, incident, type, corrections }: Decided): CorrectionStep => ({
  position: position + 1,
  incident,
  type,
  corrections,
});

/** Whether a correction is what two operators signed, and says of notices what their claim says. */
function isAsDecided(header: CorrectionHeader, decided: Decided): boolean {
  return (
    header.type === decided.type &&
    header.incident === decided.incident &&
    header.proposal === decided.proposal &&
    JSON.stringify(header.corrections) === JSON.stringify(decided.corrections)
  );
}
