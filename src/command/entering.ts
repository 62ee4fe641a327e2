/** Commands that let people into the console: logins of advertisers, and an operator with a key file. */
import { z } from "zod";
import { endLogin, inviteLogin } from "../access/index.js";
import { parseSigned } from "../operator/index.js";
import { newToken, tokenHash } from "../signin/index.js";
import { CommandError, command } from "./command.js";

const signed = z.unknown().transform((value) => parseSigned(value));
const named = z.strictObject({ advertiser: z.string(), login: z.string() });
const ENTER_MINUTES = 5;

/** A way in, to be passed on to whom it is for. */
export interface WayIn {
  readonly url: string;
  readonly expiresAt: string;
}

/** Invites somebody to an advertiser's login, or gives them a new way in. */
export const loginInvite = command(named, async (solely, input, { actor }): Promise<WayIn & z.output<typeof named>> => {
  const token = newToken();
  const { untilMs } = await inviteLogin(solely, { ...input, hash: tokenHash(token), actor });
  return { ...input, url: solely.links.address("invite", token), expiresAt: new Date(untilMs).toISOString() };
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
  solely.sessions.endAll(
    (who) => who.is === "advertiser" && who.advertiser === input.advertiser && who.login === input.login,
  );
  return { ...input, isEnded: true };
});

/** A link into the console for an operator who signed, with the key file, that they want in; once, for five minutes. */
export const operatorEnter = command(z.strictObject({ signed }), (solely, input): WayIn & { name: string } => {
  if (!solely.links.isServed) {
    throw new CommandError("no-server", "no server of this store runs", "solely serve runs one");
  }
  const { operators, signIns } = solely.decisions;
  const { name, publicKey } = signIns.use(input.signed);
  const holds = () => operators.list().some((one) => one.name === name && one.publicKey === publicKey);
  const token = solely.links.make({ is: "operator", name }, ENTER_MINUTES, holds);
  const expiresAt = new Date(Date.now() + ENTER_MINUTES * 60_000).toISOString();
  return { name, url: solely.links.address("enter", token), expiresAt };
});
