/**
 * The check of canaries: short lists that carry them, to the function that every list comes to and through each way in of a server
 * that runs, in every scheme, raw and hashed; what the gate returned is held against what each contact was given for, before any audience, and never by sizes.
 *
 * Daily, for good: in the published audit security phones became targetable only after weeks (Venkatadri, Lucherini,
 * Sapiezynski, Mislove: "Investigating sources of PII used in Facebook's targeted advertising", PETS 2019).
 */
import { createHash } from "node:crypto";
import type { MatchRooms } from "../audience/index.js";
import { type Scheme, schemes } from "../contact/index.js";
import { LeafKind } from "../ledger/index.js";
import { recordEntry } from "../log/index.js";
import { type AlarmAbout, type Alarms, alarmEntry } from "../showing/index.js";
import type { FactRow } from "../store/index.js";
import {
  type Canaries,
  type Canary,
  type CanaryContact,
  type CanaryFact,
  type CanaryRooms,
  openCanary,
} from "./canary.js";
import { CANARY_ADVERTISER, type CanaryEntrance, type CanaryWay, gateWay } from "./way.js";

export interface CanaryCheckRooms extends CanaryRooms, MatchRooms {
  readonly canaries: Canaries;
  readonly alarms: Alarms;
  /** Of servers that run in this process. */
  readonly canaryEntrances: ReadonlySet<CanaryEntrance>;
  readonly config: { readonly canaryHalts: boolean; readonly canaryHours: number };
}

export interface CanaryCheck {
  readonly canaries: number;
  /** Lists that carried them. */
  readonly ways: readonly string[];
  /** Those that did not come through, by whatever fault: nothing is known of them. */
  readonly failed: readonly string[];
  readonly alarms: readonly AlarmAbout[];
  readonly isHalted: boolean;
}

const FORMS = ["raw", "hashed"] as const;
const COLUMN: Readonly<Record<string, string>> = { email: "email", phone: "phone" };

/** Checks if the last check is long enough ago. */
export async function checkCanariesIfDue(rooms: CanaryCheckRooms, nowMs: number): Promise<CanaryCheck | undefined> {
  const { canaries, config } = rooms;
  if (canaries.list().length === 0 || canaries.halt !== undefined) return undefined;
  if (nowMs - canaries.lastCheckMs < config.canaryHours * 3_600_000) return undefined;
  return checkCanaries(rooms, { actor: "solely:canary", nowMs });
}

/**
 * Checks all canaries now.
 * @throws {CanaryError} code `matching-halted`
 */
export async function checkCanaries(
  rooms: CanaryCheckRooms,
  { actor, nowMs = Date.now() }: { readonly actor: string; readonly nowMs?: number },
): Promise<CanaryCheck> {
  const all = rooms.canaries.list();
  rooms.canaries.requireOpen();
  const carried = all.map((canary) => openCanary(rooms, canary));
  const found = new Map<string, { canary: Canary; kind: AlarmAbout["alarm"]; number: number; ways: string[] }>();
  const note = (canary: Canary, kind: AlarmAbout["alarm"], number: number, way: string) => {
    const key = `${kind} ${number}`;
    const known = found.get(key) ?? { canary, kind, number, ways: [] };
    known.ways.push(way);
    found.set(key, known);
  };
  const lists = FORMS.map((form) => ({ form, lines: linesOf(carried.flat(), form) })).filter(
    ({ lines }) => lines.length > 1,
  );
  const { ways, failed } = await throughAllWays(rooms, actor, lists, (way, form, reached) => {
    all.forEach((canary, i) => {
      canary.contacts.forEach(({ number, for: given }, c) => {
        const isReached = reached.has(rooms.contacts.ordinalOf(number));
        if (given === "security" && isReached) note(canary, "canary-matched", number, way);
        const isCarried = cellOf(carried[i]![c]!, form) !== undefined;
        if (given === "ads" && isCarried && !isReached) note(canary, "canary-unmatched", number, way);
      });
    });
  });
  for (const canary of all) {
    for (const { number, for: given } of canary.contacts) {
      if (given === "security" && isServed(rooms, number)) note(canary, "canary-matched", number, "serving");
    }
  }
  const alarms = [...found.values()].map(
    ({ canary, kind, number, ways: of }) =>
      ({ alarm: kind, canary: canary.id, contacts: [number], ways: of }) as AlarmAbout,
  );
  await record(rooms, { alarms, failed, actor, nowMs });
  return { canaries: all.length, ways, failed, alarms, isHalted: rooms.canaries.halt !== undefined };
}

type Form = (typeof FORMS)[number];

/**
 * Sends the lists through every way in that there is, in every scheme. One that fails takes nothing from the others.
 * @param tell gets what the gate returned for each that came through, ordinals
 * @returns names of the lists
 */
async function throughAllWays(
  rooms: CanaryCheckRooms,
  actor: string,
  lists: readonly { readonly form: Form; readonly lines: readonly string[] }[],
  tell: (way: string, form: Form, reached: ReadonlySet<number>) => void,
): Promise<{ ways: string[]; failed: string[] }> {
  const entrances = [...rooms.canaryEntrances].map((entrance) => entrance.open());
  const [ways, failed]: [string[], string[]] = [[], []];
  const send = async (way: CanaryWay, form: Form, scheme: Scheme, lines: readonly string[]): Promise<void> => {
    const name = `${way.name} ${scheme} ${form}`;
    const reached = new Set<number>();
    const end = rooms.gateResults.watch(CANARY_ADVERTISER, name, (ordinals) => {
      for (const ordinal of ordinals) reached.add(ordinal);
    });
    try {
      await way.send({ name, scheme, lines });
    } catch {
      failed.push(name);
      return;
    } finally {
      end();
    }
    ways.push(name);
    tell(name, form, reached);
  };
  const through = (way: CanaryWay) =>
    Promise.all(lists.flatMap(({ form, lines }) => schemes.map((scheme) => send(way, form, scheme, lines))));
  try {
    // The gate first, which registers the advertiser.
    await through(gateWay(rooms, actor));
    await Promise.all(entrances.flatMap(({ ways }) => ways.map(through)));
  } finally {
    for (const entrance of entrances) entrance.close();
  }
  return { ways, failed };
}

/** A header, and a row for each contact that has this form. */
function linesOf(contacts: readonly CanaryContact[], form: Form): string[] {
  const rows = contacts.flatMap((contact) => {
    const cell = cellOf(contact, form);
    if (cell === undefined) return [];
    return [COLUMN[contact.kind] === "email" ? `${cell},` : `,${cell}`];
  });
  return ["email,phone", ...rows];
}

/** What a list says of a contact; undefined where it has no such form that is the same in every scheme. */
function cellOf({ kind, value }: CanaryContact, form: Form): string | undefined {
  if (COLUMN[kind] === undefined) return undefined;
  if (form === "raw") return `"${value.replaceAll('"', '""')}"`;
  const text = value.trim().toLowerCase();
  if (kind !== "email" || text.includes("+") || /@(gmail|googlemail)\.com$/.test(text)) return undefined;
  return createHash("sha256").update(text).digest("hex");
}

function isServed({ audiences, contacts }: CanaryCheckRooms, number: number): boolean {
  const ordinal = contacts.ordinalOf(number);
  return contacts.permitted.has(ordinal) && audiences.holding([ordinal]).length > 0;
}

/** Alarms, a halt if one is configured, and that there was a check, in one transaction. */
async function record(
  { log, canaries, alarms: fold, config }: CanaryCheckRooms,
  { alarms, failed, actor, nowMs }: Pick<CanaryCheck, "alarms" | "failed"> & { actor: string; nowMs: number },
): Promise<void> {
  const { done } = await log.writer.exclusiveSettled(() => {
    const timeMs = log.writer.nowMs();
    const canaryEntry = (fact: CanaryFact) => recordEntry(LeafKind.canary, Buffer.from(JSON.stringify(fact)), timeMs);
    const entries = [
      ...alarms.map((about) => alarmEntry(about, actor, timeMs)),
      ...(alarms.length > 0 && config.canaryHalts ? [canaryEntry({ type: "halt", actor })] : []),
      canaryEntry({ type: "checked", actor, at: new Date(nowMs).toISOString(), alarms: alarms.length, failed }),
    ];
    const { position } = log.writer;
    const facts = entries.map(({ facts: [fact] }, i): FactRow => {
      const { kind, body } = fact!;
      // The entry's own body is given away.
      return { position: position + i, part: 0, kind, timeMs, body: body.slice(), keys: new Uint8Array(0) };
    });
    const publish = () => {
      for (const fact of facts) (fact.kind === LeafKind.alarm ? fold : canaries).apply(fact);
    };
    return { done: log.writer.seal({ entries, publish, undo: () => {} }) };
  });
  await done;
}
