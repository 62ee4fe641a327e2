/** Allows one contact for one purpose: the text first, then the contact, typed anew. */
import { useId, useState } from "preact/hooks";
import type { PersonSwitch, ViewedContact } from "../../person/index.js";
import { day, say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";
import { type Change, turn } from "./asking.js";
import { nameOf } from "./naming.js";

export function TurnOn({
  one: { purpose, offers },
  contacts,
  onChange,
  onClose,
}: {
  one: PersonSwitch;
  /** Those that may not be used for it yet. */
  contacts: readonly ViewedContact[];
  onChange: (change: Change) => Promise<void>;
  onClose: () => void;
}) {
  const [notice, setNotice] = useState(offers[0]!.notice);
  const [contact, setContact] = useState(contacts[0]!.number);
  const [value, setValue] = useState("");
  const field = useId();
  const allow = async () => onChange(await turn({ to: "on", purpose, notice, contact, value: value.trim() }));
  const offer = offers.find((one) => one.notice === notice)!;
  return (
    <Dialog title={say.person.turnOnTitle(say.person.purposes[purpose].name)} onClose={onClose}>
      <AskedForm act={say.person.allow} isReady={value.trim() !== ""} onAct={allow} onCancel={onClose}>
        {offers.length === 1 ? null : (
          <Choice
            name={say.person.whichText}
            choices={offers.map((one) => [one.notice, one.surface])}
            chosen={notice}
            onChoose={setNotice}
          />
        )}
        <p>{say.person.turnOnHow}</p>
        <blockquote lang={offer.language}>{offer.text}</blockquote>
        <Choice
          name={say.person.whichContact}
          choices={contacts.map((one) => [
            one.number,
            say.person.givenOnDay(nameOf(one), day(Date.parse(one.given[0]!.at))),
          ])}
          chosen={contact}
          onChoose={setContact}
        />
        <label for={field}>{say.person.typeIt}</label>
        <input
          id={field}
          required
          autocomplete="off"
          spellcheck={false}
          maxLength={320}
          aria-describedby={`${field}-why`}
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
        <p class="dim small" id={`${field}-why`}>
          {say.person.typeItWhy}
        </p>
      </AskedForm>
    </Dialog>
  );
}

function Choice<T extends string | number>({
  name,
  choices,
  chosen,
  onChoose,
}: {
  name: string;
  choices: readonly (readonly [T, string])[];
  chosen: T;
  onChoose: (value: T) => void;
}) {
  const group = useId();
  return (
    <fieldset>
      <legend>{name}</legend>
      {choices.map(([value, label]) => (
        <label key={value} class="choice">
          <input type="radio" name={group} checked={value === chosen} onChange={() => onChoose(value)} /> {label}
        </label>
      ))}
    </fieldset>
  );
}
