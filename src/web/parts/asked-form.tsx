/** What is filled in or read before something is done: with what does it, the way out, and what went wrong. */
import type { ComponentChildren } from "preact";
import { say } from "../messages/index.js";
import { useDoing } from "./load.js";
import { ProblemNote } from "./problem.js";

/**
 * @param act what the button that does it says
 * @param onAct does it, once at a time; what it throws is shown
 * @param isReady whether enough is filled in
 * @param isGrave whether it can't be taken back
 * @param onCancel the way out; undefined: there is nothing to leave
 * @param foot what else is to be known, below the buttons
 */
export function AskedForm({
  act,
  onAct,
  isReady = true,
  isGrave = false,
  onCancel,
  foot,
  children,
}: {
  act: string;
  onAct: () => Promise<void>;
  isReady?: boolean;
  isGrave?: boolean;
  onCancel?: (() => void) | undefined;
  foot?: string;
  children?: ComponentChildren;
}) {
  const { isDoing, problem, run } = useDoing(onAct);
  return (
    <form
      aria-busy={isDoing}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void run();
      }}
    >
      {children}
      <ProblemNote problem={problem} />
      <div class="buttons">
        <button type="submit" class={isGrave ? "grave" : "main"} disabled={!isReady || isDoing}>
          {act}
        </button>
        {onCancel === undefined ? null : (
          <button type="button" disabled={isDoing} onClick={onCancel}>
            {say.common.cancel}
          </button>
        )}
      </div>
      {foot === undefined ? null : <p class="dim small">{foot}</p>}
    </form>
  );
}
