/**
 * A person's own page: what is known of their account, their switches, receipts and everything to take along. Whose it is
 * says the session alone; nothing in a path, a query or a body names an account.
 */
import { z } from "zod";
import {
  erased,
  exportPerson,
  PERSON_ACTOR,
  receiptOf,
  SWITCHED,
  switchOff,
  switchOn,
  viewPerson,
} from "../person/index.js";
import type { Purpose } from "../purpose/index.js";
import { jsonOf } from "./body.js";
import { HttpError } from "./problem.js";
import { type Call, type Route, route } from "./route.js";

const MAX_SWITCH_BYTES = 8 * 1024;
const MAX_VALUE = 1000;
const purpose = z.enum(SWITCHED as [Purpose, ...Purpose[]]);
const switchSchema = z.discriminatedUnion("to", [
  z.strictObject({ to: z.literal("off"), purpose }),
  z.strictObject({
    ...{ to: z.literal("on"), purpose, notice: z.string().max(100), contact: z.int().min(0) },
    value: z.string().min(1).max(MAX_VALUE),
  }),
]);
const receiptSchema = z.strictObject({ position: z.int().min(0) });

/** The account of the session; of one that was erased every session ends. */
function accountOf({ visitor, solely }: Call<unknown>): number {
  if (visitor?.is !== "person") throw new HttpError(403, "forbidden", "this is a person's own", "arrive by your link");
  const { account } = visitor;
  if (!solely.contacts.accounts.isNameless(account)) return account;
  solely.sessions.endAll((other) => other.is === "person" && other.account === account);
  throw erased();
}

async function bodyAs<Schema extends z.ZodType>(call: Call<unknown>, schema: Schema): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await jsonOf(call.request, MAX_SWITCH_BYTES));
  if (parsed.success) return parsed.data;
  const what = `${parsed.error.issues[0]!.path.join(".") || "body"}: is not what it should be`;
  throw new HttpError(400, "malformed-request", what, "see docs/api.md for the body");
}

const viewFields =
  "`position, at, contacts` (`number, kind, mask, given, purposes, matched`), `notices` (their texts), `switches` (`purpose, contacts, offers, elsewhere`), `changes`, `ads`, `incidents`";

export const personRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/person",
    scope: "person",
    about: "What is known of the account of whoever is signed in, for them to see.",
    answers: { 200: viewFields, 410: "`account-erased`: nothing of it is kept any more; the session is over" },
    async handle(call) {
      const { solely } = call;
      const account = accountOf(call);
      await solely.personLimits.take("view", account);
      // One that is behind may have lost what was taken back.
      solely.kept.requireCurrent();
      return viewPerson(solely, account);
    },
  }),
  route({
    method: "POST",
    path: "/v1/person/switch",
    scope: "person",
    about:
      "Takes a purpose back for the whole account, or gives one contact for it. In effect everywhere when it is answered.",
    body: 'JSON: `{"to": "off", "purpose"}`, or `{"to": "on", "purpose", "notice", "contact", "value"}`: the notice that was offered, the number of the contact and the contact itself, typed anew',
    answers: {
      200: "`position, at, receipt` (a text to keep, which `solely ledger verify` checks)",
      409: "`not-offered`, `not-verified`, `other-contact` (not the very contact that was verified), `held-back` (the source may free no more)",
      429: "`too-many-requests`",
    },
    async handle(call) {
      const { solely } = call;
      const account = accountOf(call);
      const asked = await bodyAs(call, switchSchema);
      await solely.personLimits.take(asked.to, account);
      call.admit();
      const switched =
        asked.to === "off" ? await switchOff(solely, account, asked.purpose) : await switchOn(solely, account, asked);
      return { ...switched, receipt: await receiptOf(solely, account, switched.position) };
    },
  }),
  route({
    method: "POST",
    path: "/v1/person/receipt",
    scope: "person",
    about: "The receipt of something that the person, or the platform for them, gave or took back. It leaves a leaf.",
    body: 'JSON: `{"position"}`',
    answers: { 200: "`position, receipt`", 404: "`unknown-receipt`" },
    async handle(call) {
      const { solely } = call;
      const account = accountOf(call);
      const { position } = await bodyAs(call, receiptSchema);
      await solely.personLimits.take("receipt", account);
      return { position, receipt: await receiptOf(solely, account, position) };
    },
  }),
  route({
    method: "POST",
    path: "/v1/person/export",
    scope: "person",
    about: "Everything that is known of the account, to take along. It leaves a leaf.",
    answers: { 200: "the same as `solely person export`" },
    async handle(call) {
      const { solely } = call;
      const account = accountOf(call);
      await solely.personLimits.take("export", account);
      return exportPerson(solely, { account: solely.contacts.accountName(account), actor: PERSON_ACTOR });
    },
  }),
];
