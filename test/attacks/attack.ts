/**
 * What an attack is: a world with one secret bit, and a program that guesses it.
 *
 * The referee draws the bit, sets the world up, and plays a thousand trials at once, each by a legal entity of its own
 * against a victim of its own. The program sees what `known` says, its advertiser's answers and the clock, and nothing else.
 */
import type { Advertiser } from "./advertiser.js";
import type { AccountFacts, Contact, DeliveryRow } from "./bed.js";
import type { Mechanism } from "./mechanism.js";
import type { Flaws } from "./naive-platform.js";
import type { Wait } from "./steps.js";

/** What the world is like in one trial, and what happens in it while the attacker waits. */
export interface World {
  readonly contacts?: readonly Contact[];
  readonly accounts?: readonly AccountFacts[];
  /** A list that another advertiser uploads at the start: header and rows. */
  readonly strangersList?: readonly string[];
  /** Happens when the attacker waits for a moment: no time passes. */
  readonly meanwhile?: {
    readonly withdraw?: readonly string[];
    readonly contacts?: readonly Contact[];
    readonly accounts?: readonly AccountFacts[];
  };
  /** Accounts that go online and see ads each time the attacker has waited. */
  readonly online?: readonly string[];
}

export interface Attacker {
  /** How the system makes sizes, as published. */
  readonly mechanism: Mechanism;
  readonly advertiser: Advertiser;
  /** One more advertiser, of the same legal entity. */
  another(): Promise<Advertiser>;
  /** A broker that works with the attacker: a legal entity of its own, and where it sends lists for the attacker's use. */
  broker(): Promise<{ readonly advertiser: Advertiser; readonly path: string }>;
  /** E-mail addresses of accounts that the attacker knows to be on the platform and to be matched; all like sports. */
  own(count: number, from?: number): readonly string[];
  /** Of more such accounts, which don't like sports. */
  others(count: number): readonly string[];
  /** Waits while time passes: all attackers together. */
  wait(wait: Wait): Promise<void>;
  /** Rows of its delivery reports up to now. */
  delivered(): readonly DeliveryRow[];
  /** What it tosses when it knows nothing. */
  coin(): boolean;
}

export interface Needs {
  /** Solely's settings of sizes; other beds translate. */
  readonly sizes: Readonly<Record<string, unknown>>;
  readonly why: string;
  /** Whether the attackers' own accounts have not been online for years. */
  readonly areIdle?: boolean;
}

export interface Attack<Known = unknown> {
  /** As in the list of published attacks: `T1`; several rows of one are told apart by letters. */
  readonly id: string;
  readonly title: string;
  /** Paper, or where it was seen. */
  readonly source: string;
  /** What a naive system gets wrong here, over what it always gets wrong. */
  readonly naive: Flaws;
  /** What the system's configuration has to have for the attack to make sense, besides its defaults. */
  readonly needs?: Needs;
  /** Trials in the short form; the long form has 1,000. */
  readonly short: number;
  /** Trials at once, and on the system on one bed, where more would disturb each other. */
  readonly atOnce?: { readonly naive: number; readonly system: number };
  /** Whether it must tell nothing even of sizes without noise, which the system is set to: what holds it off is no noise. */
  readonly tellsNothing?: boolean;
  /** Whether, over the whole attack, ads must be able to reach the victim if the secret is yes; if no they never may. */
  readonly reaches?: boolean;
  /** What the attacker knows of its victim. @param trial a name that no other trial has */
  known(trial: string): Known;
  world(known: Known, secret: boolean): World;
  guess(attacker: Attacker, known: Known): Promise<boolean>;
}

/** Lets attacks that know different things be listed together. */
export function attack<Known>(stated: Attack<Known>): Attack {
  return stated as Attack;
}

/** A victim as most attacks know it: somebody's address. */
export interface Victim {
  readonly account: string;
  readonly email: string;
}

export const victimOf = (trial: string): Victim => ({ account: `victim-${trial}`, email: `${trial}@victim.example` });

/** On the platform, with an address given for ads, or not there at all. */
export const onPlatform = ({ account, email }: Victim, isThere: boolean): World =>
  isThere ? { contacts: [{ account, kind: "email", value: email, source: "profile" }] } : {};

/** Header and rows of a list of e-mail addresses. */
export const emails = (...rows: readonly (string | readonly string[])[]): string[] => ["email", ...rows.flat()];
