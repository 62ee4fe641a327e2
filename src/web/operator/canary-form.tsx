/** A new canary: an account that the platform's own people made, and one contact or more that it gave. */
import { useState } from "preact/hooks";
import { command } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";

const text = say.alarms;

interface Row {
  readonly kind: "email" | "phone";
  readonly value: string;
  readonly for: "security" | "ads";
}

const FIRST: readonly Row[] = [{ kind: "phone", value: "", for: "security" }];
const MAX_ROWS = 20;

export function CanaryForm({
  onRegistered,
  onCancel,
}: {
  onRegistered: (contacts: number) => void;
  onCancel: () => void;
}) {
  const [account, setAccount] = useState("");
  const [rows, setRows] = useState(FIRST);
  const register = async () => {
    await command("canaryRegister", { account, contacts: [...rows] });
    onRegistered(rows.length);
  };
  const change = (i: number, changes: Partial<Row>) =>
    setRows(rows.map((row, at) => (at === i ? { ...row, ...changes } : row)));
  return (
    <AskedForm act={text.registerNow} onAct={register} onCancel={onCancel}>
      <p>{text.registerHow}</p>
      <label for="canary-account">{text.account}</label>
      <input
        id="canary-account"
        type="text"
        required
        autocomplete="off"
        value={account}
        onInput={({ currentTarget }) => setAccount(currentTarget.value)}
      />
      {rows.map((row, i) => (
        <fieldset key={i}>
          <legend>{text.contactNumber(i + 1)}</legend>
          <label for={`canary-kind-${i}`}>{say.operator.kind}</label>
          <select
            id={`canary-kind-${i}`}
            value={row.kind}
            onChange={({ currentTarget }) => change(i, { kind: currentTarget.value === "email" ? "email" : "phone" })}
          >
            <option value="phone">{say.person.kinds.phone}</option>
            <option value="email">{say.person.kinds.email}</option>
          </select>
          <label for={`canary-value-${i}`}>{text.value}</label>
          <input
            id={`canary-value-${i}`}
            type="text"
            inputMode={row.kind === "email" ? "email" : "tel"}
            required
            autocomplete="off"
            value={row.value}
            onInput={({ currentTarget }) => change(i, { value: currentTarget.value })}
          />
          <label for={`canary-for-${i}`}>{text.givenFor}</label>
          <select
            id={`canary-for-${i}`}
            value={row.for}
            onChange={({ currentTarget }) => change(i, { for: currentTarget.value === "ads" ? "ads" : "security" })}
          >
            <option value="security">{text.forSecurity}</option>
            <option value="ads">{text.forAds}</option>
          </select>
        </fieldset>
      ))}
      <div class="buttons">
        <button
          type="button"
          disabled={rows.length >= MAX_ROWS}
          onClick={() => setRows([...rows, { kind: "email", value: "", for: "ads" }])}
        >
          {text.another}
        </button>
      </div>
    </AskedForm>
  );
}
