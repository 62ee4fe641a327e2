/**
 * Arriving by a link: its token stands in the address's fragment, which no server sees, and is taken out of the address at
 * once, so that it is neither in the history nor on the screen.
 */

export interface Arrival {
  readonly by: "person" | "enter" | "invite";
  readonly token: string;
}

let arrived = taken();
const watchers = new Set<() => void>();
addEventListener("hashchange", () => {
  const next = taken();
  if (next === undefined) return;
  arrived = next;
  for (const watcher of watchers) watcher();
});

function taken(): Arrival | undefined {
  const [, by, token] = /^#(person|enter|invite)=([\w-]{1,200})$/.exec(location.hash) ?? [];
  if (by === undefined || token === undefined) return undefined;
  history.replaceState(null, "", location.pathname);
  return { by: by as Arrival["by"], token };
}

/** The link by which somebody came, until it is done with. */
export const arrival = (): Arrival | undefined => arrived;

export function doneArriving(): void {
  arrived = undefined;
}

/** Calls when somebody comes by a link while the console is open. */
export function whenArriving(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
