/** A one-time link's token, out of the address: it goes from there at once, so that nobody reads it off the screen or the history. */
import type { SessionView } from "../../http/index.js";
import { ask } from "../ask.js";

/**
 * Opens the session that the link in the page's address is for, if there is one.
 * @throws {Refused} code `link-used`
 */
export async function openLink(): Promise<void> {
  const token = /^#(?:enter|person)=([\w-]+)$/.exec(location.hash)?.[1];
  if (token === undefined) return;
  history.replaceState(null, "", location.pathname);
  await ask<SessionView>("POST", "/v1/session/link", { token });
}
