/** The person's contacts: what is kept, what for, who used it; the switches; and everything to take along. */
import { useState } from "preact/hooks";
import type { PersonView } from "../../person/index.js";
import { Refused } from "../ask.js";
import { say } from "../messages/index.js";
import { Load, useDoing, useLoad } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { Moment } from "../parts/time.js";
import { type Change, saveEverything, viewMine } from "./asking.js";
import { Changes } from "./changes.js";
import { ContactCard } from "./contact-card.js";
import { Incidents } from "./incidents.js";
import { Switches } from "./switches.js";

export function ContactsPage() {
  const mine = useLoad(viewMine, []);
  const [change, setChange] = useState<Change>();
  const changed = async (done: Change) => {
    await mine.again();
    setChange(done);
  };
  if (isErased(mine.problem)) {
    return (
      <div class="empty">
        <h1>{mine.problem.problem.message}</h1>
        <p>{mine.problem.problem.fix}</p>
      </div>
    );
  }
  return (
    <>
      <h1>{say.person.title}</h1>
      <p>{say.person.intro}</p>
      <Load of={mine}>{(view) => <Mine view={view} change={change} onChange={changed} />}</Load>
    </>
  );
}

const isErased = (problem: unknown): problem is Refused =>
  problem instanceof Refused && problem.problem.code === "account-erased";

interface Shown {
  readonly view: PersonView;
  readonly change: Change | undefined;
  readonly onChange: (change: Change) => Promise<void>;
}

function Mine({ view, change, onChange }: Shown) {
  return (
    <>
      <Incidents view={view} />
      {view.contacts.length === 0 ? (
        <div class="empty">
          <p>{say.person.none}</p>
          <p class="dim">{say.person.noneHow}</p>
        </div>
      ) : (
        view.contacts.map((contact) => <ContactCard key={contact.number} contact={contact} notices={view.notices} />)
      )}
      <p class="note">{say.person.always}</p>
      <Switches view={view} change={change} onChange={onChange} />
      <Ads ads={view.ads} />
      <Changes view={view} />
      <Everything />
    </>
  );
}

function Ads({ ads }: { ads: PersonView["ads"] }) {
  return (
    <>
      <h2>{say.person.ads}</h2>
      <Table
        caption={say.person.ads}
        isCaptionHidden
        columns={[
          { name: say.person.advertiser, value: ({ advertiser }) => advertiser },
          { name: say.person.campaign, value: ({ campaign }) => campaign },
          { name: say.person.day, value: ({ day }) => day, show: ({ day }) => <Moment at={day} isDay /> },
          { name: say.person.count, value: ({ count }) => count },
        ]}
        rows={ads.toReversed()}
        empty={
          <>
            <p>{say.person.adsNone}</p>
            <p class="dim">{say.person.adsNoneHow}</p>
          </>
        }
      />
    </>
  );
}

function Everything() {
  const { run, isDoing, problem } = useDoing(saveEverything);
  return (
    <>
      <h2>{say.person.export}</h2>
      <p>{say.person.exportHow}</p>
      <div class="buttons">
        <button type="button" disabled={isDoing} onClick={() => run()}>
          {say.person.exportDo}
        </button>
      </div>
      <ProblemNote problem={problem} />
    </>
  );
}
