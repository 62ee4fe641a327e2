/** Logins of advertisers: inviting to them, looking at them, ending them. */
import { z } from "zod";
import { endLogin, inviteLogin } from "../access/index.js";
import type { Solely } from "../instance/index.js";
import { newToken, tokenHash } from "../signin/index.js";
import { command } from "./command.js";

const named = z.strictObject({ advertiser: z.string(), login: z.string() });

/** Where browsers find the console; while none is served, where it would be. */
const originOf = ({ links, config }: Solely): string =>
  links.origin ?? new URL(config.console.origin ?? "http://localhost:7400").origin;

/** A way in, to be passed on to whom it is for. */
export interface WayIn {
  readonly url: string;
  readonly expiresAt: string;
}

/** Invites somebody to an advertiser's login, or gives them a new way in. */
export const loginInvite = command(named, async (solely, input, { actor }): Promise<WayIn & z.output<typeof named>> => {
  const token = newToken();
  const { untilMs } = await inviteLogin(solely, { ...input, hash: tokenHash(token), actor });
  return { ...input, url: `${originOf(solely)}/#invite=${token}`, expiresAt: new Date(untilMs).toISOString() };
});

/** Logins, of one advertiser or of all, and how each is opened. */
export const logins = command(z.strictObject({ advertiser: z.string().optional() }), ({ access }, { advertiser }) =>
  access.logins.list(advertiser).map(({ advertiser, login, createdAtMs, invitation, password, passkeys }) => ({
    ...{ advertiser, login, hasPassword: password !== undefined, passkeys: passkeys.length },
    createdAt: new Date(createdAtMs).toISOString(),
    invitedUntil: invitation === undefined ? null : new Date(invitation.untilMs).toISOString(),
  })),
);

/** Ends a login with all that opens it, and its sessions. */
export const loginEnd = command(named, async (solely, input, { actor }) => {
  await endLogin(solely, { ...input, actor });
  return { ...input, isEnded: true };
});
