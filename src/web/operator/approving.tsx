/** The second signature: whoever gives it first types the name of each thing that they allow, then signs with their passkey. */
import { useState } from "preact/hooks";
import type { Approved, ProposalView } from "../../command/index.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { approve } from "./signing.js";

const text = say.decisions;

export function Approving({
  proposal,
  onApproved,
}: {
  proposal: ProposalView;
  onApproved: (answer: Approved) => void;
}) {
  const names = namesToType(proposal);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const isTyped = names.every((name) => typed[name]?.trim() === name);
  const sign = async () => {
    const confirm = proposal.action.type === "notice.adopt" ? names.filter((name) => name in text.meanings) : [];
    onApproved(await approve(proposal.proposal, confirm));
  };
  return (
    <AskedForm act={say.operator.approve} isReady={isTyped} onAct={sign}>
      <h3>{text.sign}</h3>
      <p>{text.typeNames}</p>
      {names.map((name) => {
        const id = `type-${proposal.proposal.slice(0, 12)}-${name}`;
        return (
          <div key={name}>
            <label for={id}>
              {text.type} <code>{name}</code>
            </label>
            <input
              id={id}
              type="text"
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              value={typed[name] ?? ""}
              onInput={({ currentTarget }) => setTyped({ ...typed, [name]: currentTarget.value })}
            />
          </div>
        );
      })}
    </AskedForm>
  );
}

/** What an approval allows, by name: of a notice the purposes that it adds, and those that its text does not mention. */
function namesToType({ action, review, proposal }: ProposalView): readonly string[] {
  switch (action.type) {
    case "notice.adopt": {
      const before: readonly string[] = review?.before?.purposes ?? [];
      const added = review?.notice.purposes.filter((purpose) => !before.includes(purpose)) ?? [];
      const names = [...new Set([...added, ...(review?.toConfirm ?? [])])];
      return names.length > 0 ? names : [`${String(action.notice.id)}@${String(action.notice.version)}`];
    }
    case "notice.retire":
      return [action.id];
    case "run.free":
      return [action.source];
    case "contact.reveal":
      return [action.purpose];
    case "incident.contain":
    case "incident.undo":
    case "incident.tell":
      return [action.incident];
    case "matching.resume":
      return ["ads.match"];
    case "store.recover":
      return [proposal.slice(0, 8)];
    default:
      return [action.name];
  }
}
