/**
 * Links that let one person into their own page, once. Of real people only the platform, with whom they are signed in, can
 * say who they are.
 */
import type { Contacts } from "../grant/index.js";
import type { Links } from "../signin/index.js";

const MINUTES = 10;

/**
 * Makes a link into the page of an account's owner.
 * @param origin where browsers find the console
 * @throws {GrantError} code `unknown-account`
 */
export function linkToPerson(
  { contacts, links }: { readonly contacts: Contacts; readonly links: Links },
  name: string,
  origin: string,
): { readonly url: string; readonly expiresAt: string } {
  const account = contacts.account(name);
  const expiresAt = new Date(Date.now() + MINUTES * 60_000).toISOString();
  return { url: `${origin}/#person=${links.make({ is: "person", account }, MINUTES)}`, expiresAt };
}
