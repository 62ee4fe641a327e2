/**
 * What a report needs that only people know: whom to ask, when one became aware, why it happened, what was done.
 *
 * A platform fills it into a YAML file, whose empty form is printed from the table here. What is left empty is missing and
 * is said to be; nothing is made up. An empty list (`[]`) says that there is none. Each field names the first phase that
 * can't do without it: GDPR art. 33(4) lets information follow in phases, without undue further delay.
 */
import { z } from "zod";
import { ReportError } from "./error.js";

export const PHASES = ["initial", "follow-up", "final"] as const;
export type Phase = (typeof PHASES)[number];

/** Whether something that is needed from one phase on is needed in another. */
export const isNeededIn = (phase: Phase, neededFrom: Phase): boolean =>
  PHASES.indexOf(neededFrom) <= PHASES.indexOf(phase);

const MAX_ITEMS = 1000;
const text = z.string().trim().min(1).max(20_000);
const texts = z.array(text).max(MAX_ITEMS);
const count = z.int().min(0);
const instant = z
  .union([z.iso.datetime({ offset: true }), z.date().transform((date) => date.toISOString())])
  .transform((given) => new Date(given).toISOString());

const fields = {
  version: z.int().min(1),
  controller: z.strictObject({ name: text, address: text.optional() }),
  entities: texts,
  contact: z.strictObject({ name: text, role: text, email: text.optional(), phone: text.optional() }),
  detected_at: instant,
  aware_at: instant,
  authority_told_at: instant,
  order_reported_at: instant,
  delay_reason: text,
  cause: text,
  people_categories: texts,
  consequences: texts,
  left_the_company: texts,
  measures_stop: texts,
  measures_purge: texts,
  measures_notify: texts,
  measures_prevent: texts,
  notices_sent: z
    .array(z.strictObject({ sent_at: instant, channel: text, text: text, sent: count, delivered: count }))
    .max(MAX_ITEMS),
  prior_incidents: texts,
  order_duties: texts,
  signers: texts,
};

export const reportFactsSchema = z.strictObject(fields).partial();
export type ReportFacts = z.infer<typeof reportFactsSchema>;
export type FactName = keyof typeof fields;

/** What a field is, for people: as a heading, and as an explanation with an example of the form. */
export interface FactField {
  readonly label: string;
  readonly about: string;
  readonly example: string;
  /** The first phase that can't do without it; null where it depends. */
  readonly neededFrom: Phase | null;
}

export const FACT_FIELDS: Readonly<Record<FactName, FactField>> = {
  version: {
    label: "Version of this record",
    about: "Counts up with every report that is handed in.",
    example: "1",
    neededFrom: "initial",
  },
  controller: {
    label: "Controller",
    about: "Who answers for the processing.",
    example: "{ name: Example GmbH, address: 'Street 1, 10115 Berlin' }",
    neededFrom: "initial",
  },
  contact: {
    label: "Data protection officer or other contact",
    about: "Where the authority can learn more (GDPR art. 33(3)(b)).",
    example: "{ name: A. Person, role: data protection officer, email: dpo@example.com }",
    neededFrom: "initial",
  },
  detected_at: {
    label: "Detected",
    about: "When somebody first saw a sign of it.",
    example: "2019-09-10T08:00:00Z",
    neededFrom: "initial",
  },
  aware_at: {
    label: "Aware",
    about: "When the controller had a reasonable degree of certainty. The 72 hours and the 30 days begin here.",
    example: "2019-09-17T09:00:00Z",
    neededFrom: "initial",
  },
  people_categories: {
    label: "Categories of people",
    about: "Whose contacts they are (art. 33(3)(a)): customers, minors, staff.",
    example: "[account holders]",
    neededFrom: "initial",
  },
  consequences: {
    label: "Likely consequences",
    about: "For the people concerned (art. 33(3)(c)).",
    example: "[ads that they did not ask for were shown to them]",
    neededFrom: "initial",
  },
  measures_stop: {
    label: "Measures: stop",
    about: "What was done, or is proposed, to end it (art. 33(3)(d)).",
    example: "[the feed from the unlock table was cut off]",
    neededFrom: "initial",
  },
  authority_told_at: {
    label: "Authority told",
    about: "When the supervisory authority was notified first. Ends the clock of 72 hours.",
    example: "2019-09-19T09:00:00Z",
    neededFrom: "follow-up",
  },
  delay_reason: {
    label: "Reason for the delay",
    about: "Needed when a clock was missed (art. 33(1)).",
    example: "the logs of the old matcher had to be restored first",
    neededFrom: null,
  },
  cause: {
    label: "Cause",
    about: "What happened and why, as far as it is known.",
    example: "an export of the unlock table was fed under the sign-up notice",
    neededFrom: "follow-up",
  },
  left_the_company: {
    label: "What left the company, and to whom",
    about: "Whatever was handed out because of it; [] if nothing was.",
    example: "[]",
    neededFrom: "follow-up",
  },
  measures_purge: {
    label: "Measures: purge",
    about: "What was taken out again, where copies may be.",
    example: "[audiences were corrected, exports were called back]",
    neededFrom: "follow-up",
  },
  measures_notify: {
    label: "Measures: notify",
    about: "How people are told. Never through the security contact as if it were a channel for marketing.",
    example: "[a letter to every affected person inside the app]",
    neededFrom: "follow-up",
  },
  entities: {
    label: "Entities by region",
    about: "Companies of the group that are concerned; [] if it is the controller alone.",
    example: "[]",
    neededFrom: "final",
  },
  measures_prevent: {
    label: "Measures: prevent",
    about: "What keeps it from happening again.",
    example: "[security forms feed through a source that can't name the sign-up notice]",
    neededFrom: "final",
  },
  order_reported_at: {
    label: "Reported under an order",
    about: "When a report that an order asks for was handed in. Ends the clock of 30 days.",
    example: "2019-10-10T09:00:00Z",
    neededFrom: "final",
  },
  notices_sent: {
    label: "Notices sent to people",
    about: "One entry for each materially different text, with a copy of it; [] if none was sent.",
    example: "[{ sent_at: 2019-10-08T00:00:00Z, channel: in the app, text: 'Dear …', sent: 100, delivered: 99 }]",
    neededFrom: "final",
  },
  prior_incidents: {
    label: "Earlier similar incidents",
    about: "[] if there was none.",
    example: "[]",
    neededFrom: "final",
  },
  order_duties: {
    label: "Duties under orders",
    about: "Orders of an authority or a court that bear on it; [] if there is none.",
    example: "[]",
    neededFrom: "final",
  },
  signers: {
    label: "Signers",
    about: "Who answers for this record; a final one has at least two.",
    example: "[A. Person, B. Person]",
    neededFrom: "final",
  },
};

export const factNames = Object.keys(FACT_FIELDS).filter((name): name is FactName => name in fields);

/** The empty form: every field with what it is for, and nothing filled in. */
export function factsTemplate(): string {
  const entries = factNames.map((name) => {
    const { label, about, example, neededFrom } = FACT_FIELDS[name];
    const need = neededFrom === null ? "" : ` Needed from the ${neededFrom} report on.`;
    return `# ${label}. ${about}${need}\n# ${name}: ${example}\n${name}:\n`;
  });
  return [
    "# What only people know about an incident, for solely incident report --facts.",
    "# Leave empty what is not known: the report says that it is missing. [] says that there is none.",
    "# Times are RFC 3339, as in 2026-01-31T09:30:00Z.\n",
    ...entries,
  ].join("\n");
}

/**
 * Reads filled-in facts; what is empty is left out.
 * @throws {ReportError} code `malformed-facts`, naming the field
 */
export function parseFacts(value: unknown): ReportFacts {
  const parsed = reportFactsSchema.safeParse(filled(value ?? {}));
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new ReportError(
    "malformed-facts",
    `facts: ${path.join(".") || "form"}: ${message}`,
    "solely incident report --template prints the form",
  );
}

/** What has something in it: without nulls and empty texts. */
function filled(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value) || value instanceof Date) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, filled(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== null && inner !== "" && !isEmptyObject(inner)));
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Date) &&
  Object.keys(value).length === 0;
