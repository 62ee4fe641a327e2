/** An operator's pages. */
import { say } from "../messages/index.js";
import { Frame, type Place, type Visit } from "../parts/frame.js";
import { IncidentPage } from "./incident.js";
import { IncidentsPage } from "./incidents.js";
import { OperatorsPage } from "./operators.js";
import { TodayPage } from "./today.js";

const PLACES: readonly Place[] = [
  { path: "/", name: say.operator.title, page: TodayPage },
  { path: "/incidents", name: say.incidents.title, page: IncidentsPage },
  { path: "/incidents/:id", name: say.incidents.title, page: IncidentPage, isWithin: true },
  { path: "/operators", name: say.operators.title, page: OperatorsPage },
];

export function OperatorPages({ name, ...visit }: Visit & { name: string }) {
  return <Frame {...visit} who={name} places={PLACES} />;
}
