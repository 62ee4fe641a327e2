/** A file that is chosen, or dropped upon its field. */
import { useState } from "preact/hooks";
import { number, say } from "../messages/index.js";

const KILOBYTE = 1000;

export function FileDrop({
  id,
  file,
  how,
  accept,
  isDisabled = false,
  onFile,
}: {
  id: string;
  file: File | undefined;
  /** Which files are meant. */
  how: string;
  accept?: string;
  isDisabled?: boolean;
  onFile: (file: File | undefined) => void;
}) {
  const [isOver, setOver] = useState(false);
  return (
    <fieldset
      class={isOver ? "drop over" : "drop"}
      disabled={isDisabled}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(!isDisabled);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (!isDisabled) onFile(event.dataTransfer?.files[0]);
      }}
    >
      <legend>
        <label for={id}>{say.common.file}</label>
      </legend>
      <input id={id} type="file" accept={accept} onChange={({ currentTarget }) => onFile(currentTarget.files?.[0])} />
      <p class="dim small">
        {file === undefined ? how : say.common.chosen(file.name, number(Math.ceil(file.size / KILOBYTE)))}
      </p>
    </fieldset>
  );
}
