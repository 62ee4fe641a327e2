/**
 * Alarms: things that must not be and were seen, each a leaf of its own; numbers and ids only, never a contact or a name.
 *
 * An alarm is open until an operator has noted it; noting says that somebody knows of it, and changes nothing else.
 */
import { LeafKind } from "../ledger/index.js";
import { type Fold, jsonSection, type Kept, type Log, payloadOf, readJson, recordEntry } from "../log/index.js";
import type { Append, FactRow } from "../store/index.js";
import { ShowingError } from "./error.js";

/** What an alarm is about. */
export type AlarmAbout =
  | {
      /** Ads were shown to accounts that were not eligible then. */
      readonly alarm: "ineligible-showings";
      readonly audience: string;
      readonly showings: number;
      /** Numbers of accounts, the first of them. */
      readonly accounts: readonly number[];
      readonly campaigns: readonly string[];
      readonly firstAt: string;
      readonly lastAt: string;
    }
  | {
      /** A canary's contact that was given for security alone was matched, or may be served. */
      readonly alarm: "canary-matched";
      readonly canary: string;
      /** Numbers of contact points. */
      readonly contacts: readonly number[];
      /** Ways in by which it was reached; `serving` where it is in an audience. */
      readonly ways: readonly string[];
    }
  | {
      /** A canary's contact that was given for ads was not matched. */
      readonly alarm: "canary-unmatched";
      readonly canary: string;
      readonly contacts: readonly number[];
      readonly ways: readonly string[];
    };

export type Alarm = AlarmAbout & {
  /** Its leaf's position. */
  readonly id: number;
  readonly atMs: number;
  /** Who noted it, and when. */
  seenBy?: string;
  seenAtMs?: number;
};

type AlarmFact =
  | (AlarmAbout & { readonly type: "alarm"; readonly actor: string })
  | { readonly type: "seen"; readonly actor: string; readonly by: string; readonly alarm: number };

/** Alarms that are kept in memory; of more, those that were noted leave first. */
const MAX_ALARMS = 10_000;

export class Alarms implements Fold {
  readonly kinds = [LeafKind.alarm];
  /** In the order of their leaves. */
  readonly #alarms = new Map<number, Alarm>();
  /** How many of them were noted. */
  #noted = 0;

  apply({ position, timeMs, body }: FactRow): void {
    const fact: AlarmFact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    if (fact.type === "seen") {
      const alarm = this.#alarms.get(fact.alarm);
      if (alarm === undefined || alarm.seenBy !== undefined) return;
      alarm.seenBy = fact.by;
      alarm.seenAtMs = timeMs;
      this.#noted++;
      return;
    }
    const { type: _, actor: __, ...about } = fact;
    this.#alarms.set(position, { ...about, id: position, atMs: timeMs });
    if (this.#alarms.size > MAX_ALARMS) this.#forgetOne();
  }

  #forgetOne(): void {
    for (const { id, seenBy } of this.#alarms.values()) {
      if (seenBy === undefined && this.#noted > 0) continue;
      if (seenBy !== undefined) this.#noted--;
      this.#alarms.delete(id);
      return;
    }
  }

  /** In the order of their leaves. */
  list(): Alarm[] {
    return [...this.#alarms.values()];
  }

  open(): Alarm[] {
    return this.list().filter(({ seenBy }) => seenBy === undefined);
  }

  /**
   * Notes that an operator knows of an alarm.
   * @throws {ShowingError} codes `unknown-alarm`, `unknown-operator`
   */
  async see(
    { log, decisions }: SeeRooms,
    { alarm, by, actor }: { readonly alarm: number; readonly by: string; readonly actor: string },
  ): Promise<Alarm> {
    await log.record(LeafKind.alarm, () => {
      this.#find(alarm);
      if (!decisions.operators.list().some(({ name }) => name === by)) {
        throw new ShowingError("unknown-operator", `no operator ${by} is in force`, "solely operator list shows them");
      }
      return Buffer.from(JSON.stringify({ type: "seen", actor, by, alarm } satisfies AlarmFact));
    });
    return this.#find(alarm);
  }

  #find(id: number): Alarm {
    const alarm = this.#alarms.get(id);
    if (alarm !== undefined) return alarm;
    throw new ShowingError("unknown-alarm", "there is no such alarm", "solely alarms shows those that there are");
  }

  readonly kept: Kept = {
    name: "alarms",
    save: () => [jsonSection("alarms", this.list())],
    restore: (sections) => {
      for (const alarm of (readJson(sections, "alarms") ?? []) as Alarm[]) {
        this.#alarms.set(alarm.id, alarm);
        if (alarm.seenBy !== undefined) this.#noted++;
      }
    },
  };
}

interface SeeRooms {
  readonly log: Log;
  readonly decisions: { readonly operators: { list(): readonly { readonly name: string }[] } };
}

/** The leaf of an alarm. */
export function alarmEntry(about: AlarmAbout, actor: string, timeMs: number): Append {
  const fact: AlarmFact = { ...about, type: "alarm", actor };
  return recordEntry(LeafKind.alarm, Buffer.from(JSON.stringify(fact)), timeMs);
}

/** What to say of an alarm in a line. */
export function alarmText(alarm: AlarmAbout): string {
  if (alarm.alarm === "ineligible-showings") {
    const { showings, audience, firstAt, lastAt } = alarm;
    return `${showings} ${showings === 1 ? "showing" : "showings"} through audience ${audience} to accounts that were not eligible then (${firstAt} to ${lastAt})`;
  }
  const { canary, contacts, ways } = alarm;
  const what =
    alarm.alarm === "canary-matched" ? "given for security was matched or served" : "given for ads was not matched";
  return `canary ${canary}: contact ${contacts.map((number) => `#${number}`).join(", ")} ${what} (${ways.join(", ")})`;
}
