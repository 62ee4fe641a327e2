/** That all of a store was made up, and the way out of it: a clean start, with a store of one's own. */
import { useRef, useState } from "preact/hooks";
import type { SessionView } from "../../http/index.js";
import { ask, Refused } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "./asked-form.js";

/** Where the page goes when the new store is there: the door, which says what to do. */
const CLEAN_START = "#clean-start";
const ASKED_EVERY_MS = 500;
const LONGEST_WAIT_MS = 90_000;

export function SampleNote({ session: { visitor, canStartClean } }: { session: SessionView }) {
  return (
    <div class="sample" role="note">
      <span>{say.sample.note}</span>
      {visitor === null ? <span>{say.sample.whereLinks}</span> : null}
      {visitor?.is === "operator" && canStartClean ? <CleanStart /> : null}
    </div>
  );
}

function CleanStart() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isStarting, setStarting] = useState(false);
  const start = async () => {
    setStarting(true);
    await ask("POST", "/v1/sample/end")
      .then(untilNew)
      .finally(() => setStarting(false));
    history.replaceState(null, "", `/${CLEAN_START}`);
    location.reload();
  };
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        {say.sample.cleanStart}
      </button>
      <dialog
        ref={dialog}
        aria-labelledby="clean-start"
        // Once it is asked for, there is no way back to stay on.
        onCancel={(event) => isStarting && event.preventDefault()}
      >
        <h2 id="clean-start">{say.sample.cleanStartTitle}</h2>
        <AskedForm act={say.sample.cleanStart} onAct={start} onCancel={() => dialog.current?.close()}>
          <p>{say.sample.cleanStartAbout}</p>
          <p role="status">{isStarting ? say.sample.isStarting : ""}</p>
        </AskedForm>
      </dialog>
    </>
  );
}

/** Waits until a server answers here that serves no sample; between the two nothing does. */
async function untilNew(): Promise<void> {
  const untilMs = Date.now() + LONGEST_WAIT_MS;
  while (Date.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
    const session = await ask<SessionView>("GET", "/v1/session").catch((error: unknown) => {
      if (error instanceof Refused) return undefined;
      throw error;
    });
    if (session?.isSample === false) return;
  }
  throw new Error(say.sample.neverCame);
}

/** What to do at the door of a store that was just made; nothing elsewhere. */
export function CleanStartNote() {
  if (location.hash !== CLEAN_START) return null;
  return (
    <div class="done" role="status">
      <p>
        <strong>{say.sample.isThere}</strong> {say.sample.whatNow}
      </p>
    </div>
  );
}
