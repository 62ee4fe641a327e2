/**
 * The texts that people of the sample world were shown, surface by surface.
 *
 * The first ones say in plain words that a contact may be matched with advertisers' lists; the security
 * ones promise exclusivity. Two ask for other people's contacts, which never permits, whatever the text
 * says. `profile` has two versions of which only the second names matching, so that a row
 * that names the bare id depends on when it was given.
 */
import { stringify } from "yaml";
import { utf8 } from "./bytes.js";
import { mistakes } from "./mistakes.js";

interface WorldNotice {
  readonly id: string;
  readonly surface: string;
  readonly version: number;
  readonly language: string;
  readonly text: string;
  readonly purposes: readonly string[];
  readonly exclusive?: boolean;
  readonly subject?: "other";
  readonly effective_from?: string;
}

/** From when `profile@2` is in force. */
export const PROFILE_ADS_FROM_MS = Date.UTC(2019, 5, 1);
const LONG_AGO = "2013-01-01T00:00:00Z";

const notices = [
  {
    id: "signup-ads",
    surface: "sign-up form",
    version: 1,
    language: "en",
    text:
      "Your e-mail address and phone number let you sign in. We may also compare them with the lists of " +
      "advertisers who know you already, to show you their ads here. You can object at any time in the settings.",
    purposes: ["service.account", "ads.match"],
  },
  {
    id: "signup-ads-de",
    surface: "Anmeldung",
    version: 1,
    language: "de",
    text:
      "Mit Ihrer E-Mail-Adresse und Telefonnummer melden Sie sich an. Wir vergleichen sie auch mit den Listen von " +
      "Werbetreibenden, die Sie schon kennen, um Ihnen deren Werbung hier zu zeigen. Sie können dem jederzeit widersprechen.",
    purposes: ["service.account", "ads.match"],
  },
  {
    id: "signup-plain",
    surface: "sign-up form without the ads line",
    version: 1,
    language: "en",
    text: "Your e-mail address and phone number let you sign in.",
    purposes: ["service.account"],
  },
  {
    id: "profile",
    surface: "profile page",
    version: 1,
    language: "en",
    text: "Add another way for us to reach you about your account.",
    purposes: ["service.account", "service.message"],
  },
  {
    id: "profile",
    surface: "profile page",
    version: 2,
    language: "en",
    text:
      "Add another way for us to reach you about your account. Advertisers' lists may be matched with it, so that " +
      "you see ads of companies you know.",
    purposes: ["service.account", "service.message", "ads.match"],
    effective_from: "2019-06-01T00:00:00Z",
  },
  {
    id: "two-factor",
    surface: "two-factor login",
    version: 1,
    language: "en",
    text: "We will use this contact only for sending you a code when you log in.",
    purposes: ["security.mfa"],
    exclusive: true,
  },
  {
    id: "recovery",
    surface: "account recovery",
    version: 1,
    language: "en",
    text: "We will use this contact only for giving you back your account if you lose your password.",
    purposes: ["security.recovery"],
    exclusive: true,
  },
  {
    id: "unlock",
    surface: "locked account",
    version: 1,
    language: "en",
    text: "Your account is locked. We will use this contact only for making sure that the account is yours.",
    purposes: ["security.unlock"],
    exclusive: true,
  },
  {
    id: "login-alert",
    surface: "login alerts",
    version: 1,
    language: "en",
    text: "We will use this contact only for telling you when somebody logs in from a new place.",
    purposes: ["security.login-alert"],
    exclusive: true,
  },
  {
    id: "friend-book",
    surface: "address book",
    version: 1,
    language: "en",
    text: "Upload your address book to find the friends who are here already.",
    purposes: ["service.account"],
    subject: "other",
  },
  {
    id: "friend-invite",
    surface: "invitation of friends",
    version: 1,
    language: "en",
    text: "Invite your friends. We may also use what you upload to show them ads of companies they know.",
    purposes: ["service.account", "ads.match"],
    subject: "other",
  },
] as const satisfies readonly WorldNotice[];

export type NoticeName = (typeof notices)[number]["id"];

/** Versions that only worlds with mistakes have: of each notice that one is about the wrong label, and the right one again. */
const mistaken: readonly (WorldNotice & { readonly mistake: number })[] = mistakes.flatMap(
  ({ texts, fromMs, toMs }, mistake) =>
    Object.entries(texts).flatMap(([id, text]) => {
      const right: WorldNotice = notices.find((notice) => notice.id === id)!;
      const wrong = { text, purposes: [...right.purposes, "ads.match"], exclusive: false };
      return [
        { ...right, ...wrong, version: 2, effective_from: new Date(fromMs).toISOString(), mistake },
        { ...right, version: 3, effective_from: new Date(toMs).toISOString(), mistake: -1 },
      ];
    }),
);

/** What generating and the plain reading of the rule need of a notice. */
export interface NoticeFacts {
  readonly id: string;
  readonly version: number;
  /** As it is labelled; a mistake's label is wrong. */
  readonly namesAds: boolean;
  readonly isExclusive: boolean;
  readonly isSelf: boolean;
  readonly isSecurity: boolean;
  /** Which mistake it is; -1: none. */
  readonly mistake: number;
  /** `id` as bytes. */
  readonly bare: Uint8Array;
  /** `id@version` as bytes. */
  readonly full: Uint8Array;
}

export const noticeFacts: readonly NoticeFacts[] = [...notices, ...mistaken].map(
  (notice: WorldNotice & { readonly mistake?: number }) => ({
    id: notice.id,
    version: notice.version,
    namesAds: notice.purposes.includes("ads.match"),
    isExclusive: notice.exclusive === true,
    isSelf: notice.subject !== "other",
    isSecurity: notice.purposes.some((purpose) => purpose.startsWith("security.")),
    mistake: notice.mistake ?? -1,
    bare: utf8(notice.id),
    full: utf8(`${notice.id}@${notice.version}`),
  }),
);

/** Position in `noticeFacts`. */
export function noticeIndex(id: string, version = 1): number {
  return noticeFacts.findIndex((notice) => notice.id === id && notice.version === version);
}

/** By notice: what is shown instead of it from when on, in worlds with mistakes. */
const laterVersions = new Map(
  mistakes.flatMap(({ texts, fromMs, toMs }) =>
    Object.keys(texts).map((id) => {
      return [noticeIndex(id), { fromMs, wrong: noticeIndex(id, 2), toMs, after: noticeIndex(id, 3) }] as const;
    }),
  ),
);

/** The version of a notice that was shown at a time, in a world with mistakes. */
export function versionShown(notice: number, atMs: number): number {
  const later = laterVersions.get(notice);
  if (later === undefined || atMs < later.fromMs) return notice;
  return atMs < later.toMs ? later.wrong : later.after;
}

/** What a notice is for, as it is labelled rightly. */
export const rightPurposes = (id: string): readonly string[] => notices.find((notice) => notice.id === id)!.purposes;

/** The file that `notice propose` takes: one YAML document a notice. */
export function noticesYaml(hasMistakes: boolean): string {
  return [...notices, ...(hasMistakes ? mistaken : [])]
    .map((notice: WorldNotice) =>
      stringify({
        id: notice.id,
        surface: notice.surface,
        version: notice.version,
        language: notice.language,
        text: notice.text,
        purposes: notice.purposes,
        exclusive: notice.exclusive ?? false,
        subject: notice.subject ?? "self",
        sources: ["local"],
        effective_from: notice.effective_from ?? LONG_AGO,
      }),
    )
    .join("---\n");
}
