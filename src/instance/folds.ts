/**
 * All folds of a store, wired to one another: its state is these and nothing else.
 */
import { Access } from "../access/index.js";
import { Audiences } from "../audience/index.js";
import { Canaries } from "../canary/index.js";
import { Recoveries } from "../checkpoint/index.js";
import { GrantFold } from "../grant/index.js";
import { Containments, Incidents } from "../incident/index.js";
import { Runs } from "../intake/index.js";
import type { Fold } from "../log/index.js";
import { type ActionHandlers, Decisions } from "../operator/index.js";
import { Paging } from "../paging/index.js";
import { NoticeBook, parseNotice, Sources } from "../purpose/index.js";
import { Alarms, Showings } from "../showing/index.js";
import { Releases } from "../size/index.js";
import { KeyHistory } from "../token/index.js";
import { parseCompartment, Reveals } from "../vault/index.js";

export interface Folds {
  readonly decisions: Decisions;
  readonly notices: NoticeBook;
  readonly sources: Sources;
  readonly keyHistory: KeyHistory;
  readonly access: Access;
  readonly grants: GrantFold;
  readonly runs: Runs;
  readonly reveals: Reveals;
  readonly audiences: Audiences;
  readonly recoveries: Recoveries;
  readonly showings: Showings;
  readonly alarms: Alarms;
  readonly canaries: Canaries;
  readonly incidents: Incidents;
  readonly containments: Containments;
  readonly releases: Releases;
  readonly all: readonly Fold[];
}

/** A proposal that says "now" may take so long to get here; nothing is retired from before its approval all the same. */
const MAX_PROPOSAL_DELAY_MS = 5 * 60_000;

/**
 * @param root fingerprint of the first operators, from the configuration
 * @param paging for columns of contact points that are seldom looked at
 */
export function makeFolds(root: string, paging = Paging.none): Folds {
  const notices = new NoticeBook();
  const sources = new Sources();
  const reveals = new Reveals();
  const recoveries = new Recoveries();
  const keyHistory = new KeyHistory();
  const access = new Access();
  const grants = new GrantFold(notices, sources, paging);
  const runs = new Runs();
  const audiences = new Audiences(grants.contacts);
  const releases = new Releases(audiences, recoveries);
  const showings = new Showings();
  const alarms = new Alarms();
  const canaries = new Canaries();
  const incidents = new Incidents();
  const containments = new Containments(incidents, notices, grants, audiences);
  const decisions = new Decisions(root, handlers(notices, sources, reveals, recoveries, containments, canaries));
  const data = {
    access,
    grants,
    runs,
    reveals,
    audiences,
    releases,
    recoveries,
    showings,
    alarms,
    canaries,
    incidents,
    containments,
  };
  return { decisions, notices, sources, keyHistory, ...data, all: [decisions, keyHistory, ...Object.values(data)] };
}

/** What carries out each action that two operators signed. */
function handlers(
  notices: NoticeBook,
  sources: Sources,
  reveals: Reveals,
  recoveries: Recoveries,
  containments: Containments,
  canaries: Canaries,
): ActionHandlers {
  return {
    "notice.adopt": {
      check: ({ notice }, confirmed) => notices.checkAdoption(parseNotice(notice), confirmed),
      apply: ({ notice }, { approval: { confirm, position } }, atMs) => {
        notices.adopt(parseNotice(notice), confirm, position, atMs);
      },
    },
    "notice.retire": {
      check: ({ id, from }, confirmed, nowMs) => {
        // Once it is proposed, waiting for the second signature may have made it late; then it counts from the approval.
        if (confirmed === undefined) notices.checkRetirement(id, Date.parse(from), nowMs - MAX_PROPOSAL_DELAY_MS);
        else notices.find(id);
      },
      // Without a version it means those that there were: not one that nobody had read then.
      isOvertaken: ({ id }, decided) => decided.type === "notice.adopt" && decided.notice.id === id,
      apply: ({ id, from }, _, atMs) => notices.retire(id, Date.parse(from), atMs),
    },
    "source.set": {
      check: () => {},
      isOvertaken: ({ name }, decided) => decided.type === "source.set" && decided.name === name,
      apply: ({ name, vouches, freedLimit }) => sources.set({ name, vouches, freedLimit }),
    },
    "run.free": {
      check: ({ source }) => void sources.get(source),
      apply: ({ source, digest, freed }) => sources.approveRun(source, digest, freed),
    },
    "contact.reveal": {
      check: ({ purpose }) => void parseCompartment(purpose),
      apply: (action, decision, atMs) => reveals.approve(action, decision, atMs),
    },
    "incident.contain": containments.handler,
    "incident.undo": containments.handler,
    "incident.tell": containments.tellHandler,
    "matching.resume": canaries.handler,
    "store.recover": {
      check: (action) => recoveries.check(action),
      apply: (action, { approval: { by, position } }, atMs) => recoveries.approve(action, position, by, atMs),
    },
  };
}
