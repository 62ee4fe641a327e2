/** A password's field: it can be pasted into, and shown (OWASP ASVS 4.0.3, 2.1.11 and 2.1.12). */
import { useId, useState } from "preact/hooks";
import { say } from "../messages/index.js";

export function Secret({
  label,
  hint,
  autocomplete,
  isNew,
  value,
  onValue,
}: {
  label: string;
  hint?: string;
  autocomplete: "current-password" | "new-password";
  /** Of 12 to 128 characters. */
  isNew?: boolean;
  value: string;
  onValue: (value: string) => void;
}) {
  const id = useId();
  const [isShown, setShown] = useState(false);
  const field = {
    ...{ id, autocomplete, value, required: true },
    ...(isNew === true ? { minLength: 12, maxLength: 128 } : {}),
    "aria-describedby": hint === undefined ? undefined : `${id}-hint`,
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => onValue(currentTarget.value),
  };
  return (
    <>
      <label for={id}>{label}</label>
      {isShown ? <input type="text" {...field} /> : <input type="password" {...field} />}
      {hint === undefined ? null : (
        <p id={`${id}-hint`} class="dim small">
          {hint}
        </p>
      )}
      <label class="choice">
        <input type="checkbox" checked={isShown} onChange={({ currentTarget }) => setShown(currentTarget.checked)} />
        {say.signIn.showPassword}
      </label>
    </>
  );
}
