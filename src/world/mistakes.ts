/**
 * Mistakes upstream, for worlds with incidents: for some months a screen that asked for a contact for security had a new
 * text, and was labelled as permitting ads too.
 *
 * The contacts are those that the same world has without them; in these months they are given under the wrong label. So what
 * a mistake did can be told: who a list reaches by what is believed, and who by what is right.
 */
import { stringify } from "yaml";

export interface Mistake {
  readonly incident: string;
  readonly title: string;
  /** By id of the notice: the text of the version with the wrong label. */
  readonly texts: Readonly<Record<string, string>>;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The first one is contained before most lists come, so that these reach nobody by it; the second one is open. */
export const mistakes: readonly Mistake[] = [
  {
    incident: "login-alerts-2018",
    title: "Contacts given for login alerts were labelled as permitting ads",
    texts: { "login-alert": "Where may we warn you when somebody logs in to your account from a new place?" },
    fromMs: Date.UTC(2018, 0, 1),
    toMs: Date.UTC(2018, 9, 1),
  },
  {
    incident: "security-screens-2021",
    title: "Contacts given to unlock an account and for two-factor login were labelled as permitting ads",
    texts: {
      unlock:
        "Your account is locked to keep it safe. Tell us a contact of yours, and we make sure that the account is yours.",
      "two-factor":
        "Make your account safer. Tell us a contact of yours, and we send you a code there when you log in.",
    },
    fromMs: Date.UTC(2021, 1, 1),
    toMs: Date.UTC(2021, 9, 1),
  },
];

/** Mistakes that are known, a bit each. */
export type KnownMistakes = number;
export const NO_MISTAKE: KnownMistakes = 0;
export const FIRST_MISTAKE: KnownMistakes = 1;

/** The claim that opens an incident about a mistake. @param purposes of the right label, by id of the notice */
export function claimYaml(mistake: Mistake, purposes: (id: string) => readonly string[]): string {
  return stringify({
    id: mistake.incident,
    title: mistake.title,
    purpose: "ads.match",
    claims: Object.keys(mistake.texts).map((id) => ({
      notice: `${id}@2`,
      given_from: new Date(mistake.fromMs).toISOString(),
      given_to: new Date(mistake.toMs).toISOString(),
      corrected: { purposes: purposes(id), exclusive: true },
    })),
  });
}
