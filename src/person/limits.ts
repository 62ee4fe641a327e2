/**
 * How often one account may ask for what costs something, or tells whether a contact was guessed right. Taking back has a
 * limit of its own, so that nothing else uses it up.
 */
import type { RateLimiterMemory } from "rate-limiter-flexible";
import { PersonError } from "./error.js";

const HOUR_SECONDS = 3600;
/** Times an hour, for each account. */
export const PERSON_LIMITS = { view: 600, off: 60, on: 20, receipt: 60, export: 12 } as const;

type Limited = keyof typeof PERSON_LIMITS;

export class PersonLimits {
  /** Loaded when a person asks for the first time: no command needs it. */
  #limiters: Promise<ReadonlyMap<string, RateLimiterMemory>> | undefined;

  /** @throws {PersonError} code `too-many-requests` */
  async take(what: Limited, account: number): Promise<void> {
    this.#limiters ??= makeLimiters();
    const limiter = (await this.#limiters).get(what)!;
    try {
      await limiter.consume(String(account));
    } catch {
      throw new PersonError("too-many-requests", "that was asked for too often", "try again in an hour");
    }
  }
}

async function makeLimiters(): Promise<ReadonlyMap<string, RateLimiterMemory>> {
  const { RateLimiterMemory } = await import("rate-limiter-flexible");
  const entries = Object.entries(PERSON_LIMITS);
  return new Map(
    entries.map(([what, points]) => [what, new RateLimiterMemory({ points, duration: HOUR_SECONDS, keyPrefix: what })]),
  );
}
