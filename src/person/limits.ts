/**
 * How often one account may ask for what costs something, or tells whether a contact was guessed right. Taking back has a
 * limit of its own, so that nothing else uses it up.
 */
import { RateLimiterMemory } from "rate-limiter-flexible";
import { PersonError } from "./error.js";

const HOUR_SECONDS = 3600;
/** Times an hour, for each account. */
export const PERSON_LIMITS = { view: 600, off: 60, on: 20, receipt: 60, export: 12 } as const;

export class PersonLimits {
  readonly #limiters = new Map(
    Object.entries(PERSON_LIMITS).map(([what, points]) => [
      what,
      new RateLimiterMemory({ points, duration: HOUR_SECONDS, keyPrefix: what }),
    ]),
  );

  /** @throws {PersonError} code `too-many-requests` */
  async take(what: keyof typeof PERSON_LIMITS, account: number): Promise<void> {
    try {
      await this.#limiters.get(what)!.consume(String(account));
    } catch {
      throw new PersonError("too-many-requests", "that was asked for too often", "try again in an hour");
    }
  }
}
