/** What is now so, after something was done; it is read out, and the focus goes there. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** @param of what was done; undefined: nothing yet */
export function NowSo({ of, children }: { of: unknown; children: ComponentChildren }) {
  const note = useRef<HTMLDivElement>(null);
  useEffect(() => note.current?.focus(), [of]);
  if (of === undefined) return null;
  return (
    <div class="note" role="status" tabIndex={-1} ref={note}>
      {children}
    </div>
  );
}
