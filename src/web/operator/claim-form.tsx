/**
 * Opening an incident: what was wrong upstream, as a correction of facts. It is told back in words before anything is opened;
 * opening changes nothing but the ledger.
 */
import { useState } from "preact/hooks";
import type { NoticeView } from "../../command/index.js";
import { purposeNames } from "../../purpose/purposes.js";
import { command } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Load, useLoad } from "../parts/load.js";
import { type ClaimedFact, ClaimInWords } from "./claim-words.js";

/** What a form with so much left open can't be opened with yet. */
type Filled = { readonly claim: object; readonly facts: readonly ClaimedFact[] } | undefined;

export function ClaimForm({ onOpened, onClose }: { onOpened: (incident: string) => void; onClose: () => void }) {
  const notices = useLoad(() => command("notices", {}), []);
  return (
    <section class="card to-fill" aria-label={say.incidents.open}>
      <h2>{say.incidents.open}</h2>
      <p>{say.incidents.openWhat}</p>
      <Load of={notices}>{(found) => <Fields notices={found} onOpened={onOpened} onClose={onClose} />}</Load>
    </section>
  );
}

function Fields({
  notices,
  onOpened,
  onClose,
}: {
  notices: readonly NoticeView[];
  onOpened: (incident: string) => void;
  onClose: () => void;
}) {
  const [about, setAbout] = useState<"notice" | "surface" | "matches">("notice");
  const [id, setId] = useState("");
  const [title, setTitle] = useState("");
  const [named, setNamed] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [purposes, setPurposes] = useState<ReadonlySet<string>>(new Set());
  const [isExclusive, setExclusive] = useState(true);
  const [matches, setMatches] = useState("");
  const [reason, setReason] = useState("");
  const filled = ((): Filled => {
    if (id === "" || title.trim() === "") return undefined;
    const frame = { id, title: title.trim(), purpose: "ads.match" };
    if (about === "matches") {
      const ids = matches.split(/[\s,;]+/).filter((one) => one !== "");
      if (ids.length === 0 || reason.trim() === "") return undefined;
      const fact = { matches: ids, reason: reason.trim() };
      return { claim: { ...frame, claims: [fact] }, facts: [fact] };
    }
    if (named === "" || from === "" || to === "" || to <= from || purposes.size === 0) return undefined;
    const span = { given_from: `${from}T00:00:00Z`, given_to: `${to}T00:00:00Z` };
    const fact = { [about]: named, ...span, corrected: { purposes: [...purposes], exclusive: isExclusive } };
    return { claim: { ...frame, claims: [fact] }, facts: [fact as ClaimedFact] };
  })();
  const open = async () => {
    if (filled === undefined) return;
    const { incident } = await command("incidentOpen", { claim: filled.claim });
    onOpened(incident);
  };
  const names = about === "notice" ? notices.map(({ notice }) => notice) : [...new Set(notices.map((n) => n.surface))];
  return (
    <AskedForm act={say.incidents.openNow} isReady={filled !== undefined} onAct={open} onCancel={onClose}>
      <label for="claim-id">{say.incidents.id}</label>
      <input
        id="claim-id"
        value={id}
        pattern="[a-z0-9][a-z0-9._\-]{0,63}"
        title={say.incidents.idForm}
        placeholder="unlock-2019"
        onInput={({ currentTarget }) => setId(currentTarget.value)}
      />
      <label for="claim-title">{say.incidents.what}</label>
      <input
        id="claim-title"
        value={title}
        maxLength={200}
        placeholder={say.incidents.titleExample}
        onInput={({ currentTarget }) => setTitle(currentTarget.value)}
      />
      <fieldset>
        <legend>{say.incidents.about}</legend>
        {(["notice", "surface", "matches"] as const).map((one) => (
          <label key={one} class="choice">
            <input
              type="radio"
              name="about"
              checked={about === one}
              onChange={() => {
                setAbout(one);
                setNamed("");
              }}
            />{" "}
            {say.incidents.abouts[one]}
          </label>
        ))}
      </fieldset>
      {about === "matches" ? (
        <>
          <label for="claim-matches">{say.incidents.matches}</label>
          <textarea
            id="claim-matches"
            class="mono"
            value={matches}
            onInput={({ currentTarget }) => setMatches(currentTarget.value)}
          />
          <label for="claim-reason">{say.incidents.reason}</label>
          <input id="claim-reason" value={reason} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
        </>
      ) : (
        <>
          <label for="claim-named">{say.incidents.abouts[about]}</label>
          <select id="claim-named" value={named} onChange={({ currentTarget }) => setNamed(currentTarget.value)}>
            <option value="">{say.incidents.choose}</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <label for="claim-from">{say.incidents.from}</label>
          <input
            id="claim-from"
            type="date"
            value={from}
            onInput={({ currentTarget }) => setFrom(currentTarget.value)}
          />
          <label for="claim-to">{say.incidents.to}</label>
          <input id="claim-to" type="date" value={to} onInput={({ currentTarget }) => setTo(currentTarget.value)} />
          <fieldset>
            <legend>{say.incidents.corrected}</legend>
            {purposeNames.map((purpose) => (
              <label key={purpose} class="choice">
                <input
                  type="checkbox"
                  checked={purposes.has(purpose)}
                  onChange={({ currentTarget }) => {
                    const now = new Set(purposes);
                    if (currentTarget.checked) now.add(purpose);
                    else now.delete(purpose);
                    setPurposes(now);
                  }}
                />{" "}
                {purpose}
              </label>
            ))}
            <label class="choice">
              <input
                type="checkbox"
                checked={isExclusive}
                onChange={({ currentTarget }) => setExclusive(currentTarget.checked)}
              />{" "}
              {say.incidents.exclusive}
            </label>
          </fieldset>
        </>
      )}
      {filled === undefined ? (
        <p class="dim">{say.incidents.unfilled}</p>
      ) : (
        <ClaimInWords facts={filled.facts} notices={notices} />
      )}
    </AskedForm>
  );
}
