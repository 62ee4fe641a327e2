/**
 * Shows a contact in full, for one purpose and a reason that the operator signs with the passkey. The value is in this dialog
 * alone: it is gone when it closes, and after a minute.
 */
import { useEffect, useState } from "preact/hooks";
import type { CommandResult } from "../../command/index.js";
import { command, Refused } from "../ask.js";
import { number, say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";
import { NowSo } from "../parts/now-so.js";
import { Moment } from "../parts/time.js";
import { sign } from "./signing.js";

const text = say.accounts;
const SHOWN_MS = 60_000;

export type Contact = CommandResult<"accountView">["contacts"][number];

export const maskOf = ({ mask }: Contact): string => mask ?? text.noMask;

/** The vault keeps nothing for ads or for others. */
export const isRevealable = (purpose: string): boolean => !/^(ads|share)\./.test(purpose);

export function Reveal({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const purposes = contact.purposes.filter(isRevealable);
  const [purpose, setPurpose] = useState<string>(purposes[0] ?? "");
  const [reason, setReason] = useState("");
  const [shown, setShown] = useState<CommandResult<"reveal">>();
  const [proposedAt, setProposedAt] = useState<number>();
  const reveal = async () => {
    const signed = await sign({
      action: { type: "contact.reveal", contacts: [contact.number], purpose, reason: reason.trim() },
    });
    try {
      setShown(await command("reveal", { signed }));
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.code !== "reveal-limit") throw error;
      // Past the operator's limit the very same request is proposed to another one.
      setProposedAt((await command("propose", { signed })).position);
    }
  };
  useEffect(() => {
    if (shown === undefined) return;
    const timer = setTimeout(onClose, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <Dialog title={text.revealTitle(contact.kind, maskOf(contact))} onClose={onClose}>
      {shown !== undefined ? (
        <Shown shown={shown} onClose={onClose} />
      ) : proposedAt !== undefined ? (
        <NowSo of={proposedAt}>{text.overLimit(number(proposedAt))}</NowSo>
      ) : (
        <AskedForm act={text.sign} isReady={reason.trim() !== ""} onAct={reveal} onCancel={onClose}>
          <p>{text.revealWhat}</p>
          <label for="reveal-purpose">{text.purpose}</label>
          <select id="reveal-purpose" value={purpose} onChange={({ currentTarget }) => setPurpose(currentTarget.value)}>
            {purposes.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
          <label for="reveal-reason">{text.reason}</label>
          <input
            id="reveal-reason"
            value={reason}
            required
            maxLength={200}
            autocomplete="off"
            placeholder={text.reasonExample}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </AskedForm>
      )}
    </Dialog>
  );
}

function Shown({ shown, onClose }: { shown: CommandResult<"reveal">; onClose: () => void }) {
  const values = shown.revealed.flatMap(({ contacts }) => contacts);
  return (
    <>
      {values.length === 0 ? <p>{text.notKept}</p> : null}
      {values.map(({ value, givenAt }) => (
        <p key={value}>
          <strong class="mono">{value}</strong>{" "}
          <span class="dim">
            {text.given} <Moment at={givenAt} />
          </span>
        </p>
      ))}
      <NowSo of={shown}>{text.shown(shown.purpose, number(shown.position))}</NowSo>
      <div class="buttons">
        <button type="button" class="main" onClick={onClose}>
          {text.hide}
        </button>
      </div>
    </>
  );
}
