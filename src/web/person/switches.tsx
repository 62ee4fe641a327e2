/** One switch for each purpose of offers, ads and sharing: off at once and for all contacts; on for a contact that is typed anew. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { PersonSwitch, PersonView } from "../../person/index.js";
import { number, say } from "../messages/index.js";
import { useDoing } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { type Change, saveReceipt, turn } from "./asking.js";
import { nameOfNumber } from "./naming.js";
import { TurnOn } from "./turn-on.js";

interface SwitchesShown {
  readonly view: PersonView;
  /** What was changed last. */
  readonly change: Change | undefined;
  readonly onChange: (change: Change) => Promise<void>;
}

export function Switches({ view, change, onChange }: SwitchesShown) {
  return (
    <>
      <h2>{say.person.switches}</h2>
      <p>{say.person.switchesHow}</p>
      {view.switches.map((one) => (
        <SwitchCard
          key={one.purpose}
          one={one}
          view={view}
          change={change?.purpose === one.purpose ? change : undefined}
          onChange={onChange}
        />
      ))}
    </>
  );
}

function SwitchCard({ one, view, change, onChange }: SwitchesShown & { one: PersonSwitch }) {
  const { purpose, contacts, offers } = one;
  const [isTurningOn, setTurningOn] = useState(false);
  const { run, isDoing, problem } = useDoing(async () => onChange(await turn({ to: "off", purpose })));
  const isOn = contacts.length > 0;
  const others = view.contacts.filter(({ number, isErased }) => !isErased && !contacts.includes(number));
  const canTurnOn = offers.length > 0 && others.length > 0;
  const id = `switch-${purpose.replace(".", "-")}`;
  return (
    <div class="card">
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          aria-checked={isOn}
          checked={isOn}
          aria-describedby={id}
          disabled={isDoing || (!isOn && !canTurnOn)}
          onClick={(event) => {
            // It moves when it is so.
            event.preventDefault();
            if (isOn) void run();
            else setTurningOn(true);
          }}
        />
        <strong>{say.person.purposes[purpose].name}</strong>
      </label>
      <p id={id}>{stateOf(one, view)}</p>
      {canTurnOn ? (
        <div class="buttons">
          <button type="button" onClick={() => setTurningOn(true)}>
            {isOn ? say.person.another : say.person.turnOn}
          </button>
        </div>
      ) : null}
      <ProblemNote problem={problem} />
      {change === undefined ? null : <Done change={change} one={one} />}
      {isTurningOn ? (
        <TurnOn
          one={one}
          contacts={others}
          onChange={async (done) => {
            setTurningOn(false);
            await onChange(done);
          }}
          onClose={() => setTurningOn(false)}
        />
      ) : null}
    </div>
  );
}

function stateOf({ contacts, offers, elsewhere }: PersonSwitch, view: PersonView): string {
  const words = say.person;
  if (contacts.length > 0) return words.onFor(contacts.map((contact) => nameOfNumber(view, contact)).join(", "));
  if (offers.length > 0) return words.off;
  const how = elsewhere.length === 0 ? words.offNowhere : words.offWhere(elsewhere.map((one) => `“${one}”`).join(", "));
  return `${words.off} ${how}`;
}

/** What is now so, with its receipt; the focus goes there. */
function Done({ change, one }: { change: Change; one: PersonSwitch }) {
  const note = useRef<HTMLDivElement>(null);
  useEffect(() => note.current?.focus(), [change]);
  const { name } = say.person.purposes[change.purpose];
  const position = number(change.position);
  const isOn = one.contacts.length > 0;
  const sentence = change.to === "off" ? say.person.turnedOff : say.person.turnedOn;
  const isSo = isOn === (change.to === "on");
  return (
    <div class="done" role="status" tabIndex={-1} ref={note}>
      <p>{isSo ? sentence(name, position) : say.person.notYet(name, position)}</p>
      <div class="buttons">
        <button type="button" onClick={() => saveReceipt(change.position, change.receipt)}>
          {say.person.keepReceipt}
        </button>
      </div>
    </div>
  );
}
