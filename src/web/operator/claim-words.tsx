/** A claim in plain words: which notice, given when, was said to be for what, and what it should have been for. */
import type { IncidentView, NoticeView } from "../../command/index.js";
import { say } from "../messages/index.js";
import { Moment } from "../parts/time.js";

export type ClaimedFact = IncidentView["claim"]["claims"][number];

/** Matches that are named one by one. */
const MATCHES_NAMED = 20;

export function ClaimInWords({ facts, notices }: { facts: readonly ClaimedFact[]; notices: readonly NoticeView[] }) {
  return (
    <ul>
      {facts.map((fact, i) => (
        <li key={i}>{"matches" in fact ? <OfMatches {...fact} /> : <OfNotice fact={fact} notices={notices} />}</li>
      ))}
    </ul>
  );
}

function OfMatches({ matches, reason }: { matches: readonly string[]; reason: string }) {
  return (
    <>
      <p>{say.incidents.matchesInWords(matches.length, reason)}</p>
      <p class="mono small">{matches.slice(0, MATCHES_NAMED).join(" ")}</p>
    </>
  );
}

function OfNotice({
  fact,
  notices,
}: {
  fact: Exclude<ClaimedFact, { matches: unknown }>;
  notices: readonly NoticeView[];
}) {
  const { notice, surface, given_from, given_to, corrected } = fact;
  const [id, version] = (notice ?? "").split("@");
  const meant = notices.filter((one) =>
    notice === undefined
      ? one.surface === surface
      : one.notice === notice || (version === undefined && one.notice.startsWith(`${id}@`)),
  );
  return (
    <>
      <p>
        {notice === undefined ? say.incidents.ofSurface(surface ?? "") : say.incidents.ofNotice(notice)}{" "}
        <Moment at={given_from} isDay /> {say.incidents.until} <Moment at={given_to} isDay />:{" "}
        <strong>{say.incidents.shouldBe(corrected.purposes, corrected.exclusive)}</strong>
      </p>
      {meant.map((one) => (
        <details key={one.notice}>
          <summary>{say.incidents.believed(one.notice, one.purposes)}</summary>
          <blockquote lang={one.language}>{one.text}</blockquote>
        </details>
      ))}
    </>
  );
}
