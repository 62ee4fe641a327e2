/** An operator's pages. */
import { useMemo, useState } from "preact/hooks";
import { say } from "../messages/index.js";
import { Frame, type Place, type Visit } from "../parts/frame.js";
import { EnrolmentPage } from "../sign-in/enrolment.js";
import { AccountsPage } from "./accounts.js";
import { AdvertisersPage } from "./advertisers.js";
import { AlarmsPage } from "./alarms.js";
import { AudiencePage } from "./audience.js";
import { AudiencesPage } from "./audiences.js";
import { DecisionsPage } from "./decisions.js";
import { AskedAccount, finderOf } from "./finder.js";
import { IncidentPage } from "./incident.js";
import { IncidentsPage } from "./incidents.js";
import { IntakePage } from "./intake.js";
import { LedgerPage } from "./ledger.js";
import { NoticesPage } from "./notices.js";
import { OperatorsPage } from "./operators.js";
import { TodayPage } from "./today.js";

const PLACES: readonly Place[] = [
  { path: "/", name: say.today.title, page: TodayPage },
  { path: "/decisions", name: say.decisions.title, page: DecisionsPage },
  { path: "/notices", name: say.notices.title, page: NoticesPage },
  { path: "/intake", name: say.intake.title, page: IntakePage },
  { path: "/accounts", name: say.accounts.title, page: AccountsPage },
  { path: "/audiences", name: say.audiences.title, page: AudiencesPage },
  { path: "/audiences/:id", name: say.audiences.audience, page: AudiencePage, isWithin: true },
  { path: "/advertisers", name: say.advertisers.title, page: AdvertisersPage },
  { path: "/alarms", name: say.alarms.title, page: AlarmsPage },
  { path: "/incidents", name: say.incidents.title, page: IncidentsPage },
  { path: "/incidents/:id", name: say.incidents.title, page: IncidentPage, isWithin: true },
  { path: "/ledger", name: say.ledger.title, page: LedgerPage },
  { path: "/operators", name: say.operators.title, page: OperatorsPage },
  { path: "/passkey", name: say.signIn.enrolTitle, page: EnrolmentPage, isWithin: true },
];

export function OperatorPages({ name, ...visit }: Visit & { name: string }) {
  const [asked, onAsked] = useState<string>();
  const finder = useMemo(() => finderOf(onAsked), []);
  return (
    <AskedAccount.Provider value={{ asked, onAsked }}>
      <Frame {...visit} who={name} places={PLACES} finder={finder} />
    </AskedAccount.Provider>
  );
}
