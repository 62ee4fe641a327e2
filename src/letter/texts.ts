/**
 * The letters that come with Solely, for a platform to edit; and the words of each language for what they tell.
 *
 * They say what GDPR article 34 asks for in plain language: what happened to which contact, what was done, what one can
 * do, and whom to ask (https://eur-lex.europa.eu/eli/reg/2016/679/oj).
 */
import type { Kind } from "../contact/index.js";
import type { Purpose } from "../purpose/index.js";

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

export const LETTERS: Readonly<Record<Language, string>> = {
  en: `# How we used your contact information

{{date}}, reference {{incident}}

{{#byPurpose}}
You gave {{platform}} a contact for one thing, and we used it for another: to find out whether advertisers already had
you on their lists. We should not have done that.
{{/byPurpose}}
{{#byMatch}}
{{platform}} compared your contact with lists of contacts in a way that was wrong ({{reason}}), and chose advertising for
you by that. We should not have done that.
{{/byMatch}}

This letter says what happened, as exactly as we know it.

## What was used

{{#contacts}}
**{{kind}} {{mask}}{{^mask}}(erased since){{/mask}}**

You gave it on {{givenOn}}, at "{{surface}}". You were told:

> {{notice}}

{{#purposes}}It was for: {{purposes}}.{{/purposes}}

From {{usedFrom}} to {{usedTo}} we compared it with lists of contacts that {{advertisers}} uploaded. It was on
{{listCount}}, and advertising could be chosen for you by that.

{{#lists}}
- {{advertiser}}: {{list}}, from {{from}} to {{to}}
{{/lists}}

{{/contacts}}
## What left the company

{{#exports}}
- {{on}}: the name of your account, in an export of the people whom such a list reached.
{{/exports}}
{{^exports}}
Nothing: no export was made of the people whom such a list reached while you were among them.
{{/exports}}

Your contact itself was never given to an advertiser, nor were advertisers told who was on their lists.

## What we did

{{#containedOn}}On {{containedOn}} we stopped it: since then this contact is used for no advertising, and what had been
derived from it was taken out.{{/containedOn}}{{^containedOn}}We are working on stopping it, and will write again.{{/containedOn}}

## What you can do

You need not do anything for this to end. You may ask us for everything that we keep about you, object to advertising,
or have contacts erased. You may also complain to your data protection authority.

## Whom to ask

{{ask}}
`,
  de: `# Wie wir Ihre Kontaktdaten verwendet haben

{{date}}, Zeichen {{incident}}

{{#byPurpose}}
Sie haben {{platform}} einen Kontakt für einen bestimmten Zweck gegeben, und wir haben ihn für einen anderen verwendet: um
festzustellen, ob Werbetreibende Sie bereits auf ihren Listen haben. Das hätten wir nicht tun dürfen.
{{/byPurpose}}
{{#byMatch}}
{{platform}} hat Ihren Kontakt auf falsche Weise mit Kontaktlisten verglichen ({{reason}}) und danach Werbung für Sie
ausgewählt. Das hätten wir nicht tun dürfen.
{{/byMatch}}

Dieser Brief sagt so genau, wie wir es wissen, was geschehen ist.

## Was verwendet wurde

{{#contacts}}
**{{kind}} {{mask}}{{^mask}}(inzwischen gelöscht){{/mask}}**

Sie haben den Kontakt am {{givenOn}} angegeben, bei „{{surface}}“. Ihnen wurde gesagt:

> {{notice}}

{{#purposes}}Er war bestimmt für: {{purposes}}.{{/purposes}}

Vom {{usedFrom}} bis {{usedTo}} haben wir ihn mit hochgeladenen Kontaktlisten verglichen (von: {{advertisers}}). Er stand
auf {{listCount}}, und danach konnte Werbung für Sie ausgewählt werden.

{{#lists}}
- {{advertiser}}: {{list}}, vom {{from}} bis {{to}}
{{/lists}}

{{/contacts}}
## Was das Unternehmen verlassen hat

{{#exports}}
- {{on}}: der Name Ihres Kontos, in einem Export der Personen, die eine solche Liste erreichte.
{{/exports}}
{{^exports}}
Nichts: Solange eine solche Liste Sie erreichte, wurde kein Export der Personen erstellt, die sie erreichte.
{{/exports}}

Ihr Kontakt selbst wurde keinem Werbetreibenden gegeben, und keinem wurde gesagt, wer auf seinen Listen stand.

## Was wir getan haben

{{#containedOn}}Am {{containedOn}} haben wir es beendet: Seitdem wird dieser Kontakt für keine Werbung verwendet, und was
aus ihm abgeleitet war, wurde entfernt.{{/containedOn}}{{^containedOn}}Wir arbeiten daran, es zu beenden, und schreiben Ihnen wieder.{{/containedOn}}

## Was Sie tun können

Damit es endet, müssen Sie nichts tun. Sie können Auskunft über alles verlangen, was wir über Sie gespeichert haben, der
Werbung widersprechen oder Kontakte löschen lassen. Sie können sich auch bei Ihrer Datenschutzbehörde beschweren.

## Wen Sie fragen können

{{ask}}
`,
};

interface Words {
  readonly kinds: Readonly<Record<Kind, string>>;
  readonly purposes: Partial<Readonly<Record<Purpose, string>>>;
  counted(lists: number): string;
  advertisers(count: number): string;
  readonly ongoing: string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    kinds: {
      email: "E-mail address",
      phone: "Phone number",
      maid: "Advertising id of a device",
      user_id: "User id",
      handle: "Handle",
      external_id: "Customer id",
    },
    purposes: {
      "security.mfa": "two-factor login",
      "security.recovery": "recovering your account",
      "security.unlock": "unlocking your account",
      "security.login-alert": "warning you of logins",
      "service.account": "your account",
      "service.message": "messages about the service",
      "marketing.message": "messages with offers",
    },
    counted: (lists) => (lists === 1 ? "one list" : `${lists} lists`),
    advertisers: (count) => (count === 1 ? "one advertiser" : `${count} advertisers`),
    ongoing: "today",
  },
  de: {
    kinds: {
      email: "E-Mail-Adresse",
      phone: "Telefonnummer",
      maid: "Werbe-ID eines Geräts",
      user_id: "Nutzer-ID",
      handle: "Nutzername",
      external_id: "Kundennummer",
    },
    purposes: {
      "security.mfa": "Anmeldung in zwei Schritten",
      "security.recovery": "Wiederherstellung Ihres Kontos",
      "security.unlock": "Entsperren Ihres Kontos",
      "security.login-alert": "Warnung vor Anmeldungen",
      "service.account": "Ihr Konto",
      "service.message": "Nachrichten zum Dienst",
      "marketing.message": "Nachrichten mit Angeboten",
    },
    counted: (lists) => (lists === 1 ? "einer Liste" : `${lists} Listen`),
    advertisers: (count) => (count === 1 ? "ein Werbetreibender" : `${count} Werbetreibende`),
    ongoing: "heute",
  },
};
