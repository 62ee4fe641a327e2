/** The advertiser's audiences. */
import { say } from "../messages/index.js";

export function AudiencesPage() {
  return <h1>{say.advertiser.title}</h1>;
}
