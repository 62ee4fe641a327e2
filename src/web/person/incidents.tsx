/** What went wrong with a contact of the person's, and what was done: of incidents that were contained. */
import type { PersonIncident, PersonView } from "../../person/index.js";
import type { Purpose } from "../../purpose/index.js";
import { day, say } from "../messages/index.js";
import { Moment } from "../parts/time.js";
import { nameOfNumber } from "./naming.js";

export function Incidents({ view }: { view: PersonView }) {
  if (view.incidents.length === 0) return null;
  return (
    <section aria-labelledby="incidents">
      <h2 id="incidents">{say.person.incidents}</h2>
      {view.incidents.map((incident) => (
        <Incident key={incident.incident} incident={incident} view={view} />
      ))}
    </section>
  );
}

function Incident({ incident, view }: { incident: PersonIncident; view: PersonView }) {
  const { reason, contacts, containedAt } = incident;
  return (
    <div class="card">
      <p>
        <strong>{reason === null ? say.person.incidentPurpose : say.person.incidentMatch(reason)}</strong>
      </p>
      {contacts.map((contact) => (
        <UsedContact key={contact.number} contact={contact} view={view} />
      ))}
      <dl>
        <dt>{say.person.incidentDone}</dt>
        <dd>{say.person.incidentStopped(day(Date.parse(containedAt)))}</dd>
        <dt>{say.person.incidentReference}</dt>
        <dd>{incident.incident}</dd>
      </dl>
    </div>
  );
}

function UsedContact({ contact, view }: { contact: PersonIncident["contacts"][number]; view: PersonView }) {
  const { number, givenAt, notice, purposes, from, to, lists, advertisers } = contact;
  const shown = view.notices.find((one) => one.notice === notice)!;
  const span = say.person.incidentBetween(day(Date.parse(from)), day(Date.parse(to)));
  return (
    <dl>
      <dt>{say.person.incidentContact}</dt>
      <dd>{nameOfNumber(view, number)}</dd>
      <dt>{say.person.incidentGiven}</dt>
      <dd>
        <Moment at={givenAt} isDay /> {say.person.givenAt(shown.surface)}
        <blockquote lang={shown.language}>{shown.text}</blockquote>
      </dd>
      <dt>{say.person.incidentFor}</dt>
      <dd>{namesOf(purposes)}</dd>
      <dt>{say.person.incidentUsed}</dt>
      <dd>
        {span}, {say.person.incidentLists(lists, advertisers.join(", "))}
      </dd>
    </dl>
  );
}

export const namesOf = (purposes: readonly Purpose[]): string =>
  purposes.map((purpose) => say.person.purposes[purpose].name).join(", ");
