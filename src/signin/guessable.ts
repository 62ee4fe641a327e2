/**
 * Passwords that are tried first (OWASP ASVS 4.0.3, 2.1.7): the 49,000 most common ones that leaked, their likes (letters and
 * digits swapped, doubled, with a year behind), rows of keys, repeats, and the names of the login itself.
 *
 * Guesses are counted as zxcvbn does (Wheeler, USENIX Security 2016), here and not in the page. No rule of composition follows:
 * any password that takes enough of them is fit.
 */
import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

/** What a slow hash is said to stand against. */
const LEAST_GUESSES = 1e8;
/** Enough to tell, and a bound on how long it takes. */
const MOST_LOOKED_AT = 64;

/** Loaded when a password is set for the first time: no command needs it. */
let meter: Promise<ZxcvbnFactory> | undefined;

/** @param names that whoever guesses would begin with */
export async function isGuessable(password: string, names: readonly string[]): Promise<boolean> {
  meter ??= makeMeter();
  const { guesses } = (await meter).check(password.slice(0, MOST_LOOKED_AT), [...names]);
  return guesses < LEAST_GUESSES;
}

async function makeMeter(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  return new ZxcvbnFactory({ graphs: adjacencyGraphs, dictionary });
}
