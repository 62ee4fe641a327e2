/**
 * A test bed: a system under attack, with the platform and the world around it. Implement `Bed` to point the attacks at
 * a system of your own; `naive.ts` and `solely.ts` are two.
 *
 * What an ADVERTISER can do is HTTP only, at `url` with the key that `advertiser` gave it; its calls are in
 * `advertiser.ts`. All else that is needed to play a trial is here, and no attack program ever holds a bed: the referee
 * does. What the programs know of a system is its `Mechanism`, as published.
 */
import type { Mechanism } from "./mechanism.js";

/**
 * Where a platform got a contact from: six of the seven sources that were probed by Venkatadri et al. (PETS 2019), as a
 * bed's own notices and feeds have them. The seventh, other advertisers' lists, comes over HTTP.
 */
export type ContactSource =
  /** Its account gave it for ads. */
  | "profile"
  /** Its account gave it for two-factor login, under a promise of nothing else. */
  | "two-factor"
  /** Its account gave it to be warned of logins. */
  | "login-alert"
  /** Its account gave it to the platform's messenger. */
  | "messenger"
  /** Another account uploaded it with its address book. */
  | "address-book"
  /** Its account gave it to a linked service of the same company. */
  | "linked-service";

export interface Contact {
  readonly account: string;
  readonly kind: "email" | "phone";
  readonly value: string;
  readonly source: ContactSource;
}

/** What the platform knows of an account. */
export interface AccountFacts {
  readonly account: string;
  readonly createdAt: Date;
  readonly lastActiveAt: Date;
  /** Accounts that were made in one burst have one name for it. */
  readonly cohort?: string;
  /** Whether it has the attribute `likes_sports`, which advertisers may ask for. */
  readonly likesSports?: boolean;
}

/** What an advertiser's programs have. */
export interface Credentials {
  readonly url: string;
  /** In paths. */
  readonly name: string;
  readonly key: string;
}

/** A line of an advertiser's delivery report or bill: ads that were shown through one audience. */
export interface DeliveryRow {
  readonly advertiser: string;
  readonly audience: string;
  readonly impressions: number;
}

/** How much time passes: until new audiences have their first sizes, or until all of them have new ones. */
export type Stretch = "first-release" | "epoch";

export interface Bed {
  readonly name: string;
  readonly url: string;
  /** How sizes are made, as the system's papers say: public knowledge. */
  readonly mechanism: Mechanism;

  /** The platform takes contacts in. */
  feed(contacts: readonly Contact[]): Promise<void>;
  /** The platform takes in what it knows of accounts. */
  describe(accounts: readonly AccountFacts[]): Promise<void>;
  /** People withdraw their consent to ads. */
  withdraw(accounts: readonly string[]): Promise<void>;

  /** The platform registers an advertiser of a legal entity. An entity may have several. */
  advertiser(name: string, entity: string): Promise<Credentials>;
  /** Where a broker sends a list that is for an advertiser's use; where brokers have no way of their own, to its own lists. */
  brokerPath(broker: Credentials, advertiser: Credentials): string;

  /** Simulated time passes; an epoch is seven days where the system does not say otherwise. */
  pass(stretch: Stretch): Promise<void>;
  /** Accounts go online: each is shown the ads that it may be shown now, and their advertisers get these rows. */
  show(accounts: readonly string[]): Promise<DeliveryRow[]>;

  /** What a legal entity has spent up to now (zCDP's rho), by the system's own books; null where none are kept. */
  spent(advertiser: Credentials): Promise<number | null>;

  close(): Promise<void>;
}

/**
 * Opens a bed.
 * @param sizes settings of sizes as in Solely's configuration: `attributes` that may be asked for, `activeWithinDays`, and a
 * `budget` of which each draw may cost so much that there is no noise
 */
export type OpenBed = (sizes: Readonly<Record<string, unknown>>) => Promise<Bed>;
