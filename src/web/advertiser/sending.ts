/**
 * Sending a list: in parts of a session, each of which counts once however often it comes, so that a lost connection costs a part
 * at most; also when the page was closed meanwhile, as long as the very same file is chosen again.
 */
import { ask, Refused } from "../ask.js";
import type { ListOptions } from "./list-protocol.js";
import { parts } from "./reading.js";

export interface Sending {
  readonly advertiser: string;
  readonly name: string;
  readonly operation: "create" | "append" | "remove" | "replace";
  readonly file: File;
  readonly options: ListOptions;
  /** Rows of the whole list. */
  readonly rows: number;
  readonly onProgress: (rowsSent: number) => void;
  readonly signal: AbortSignal;
}

export interface Sent {
  readonly audience: string;
}

const STORED = "sending";
const TRY_AGAIN_MS = 2000;

/**
 * Sends a list, going on where it was cut off.
 * @param onLost told when the connection is lost, and it waits for it
 * @throws {Refused} what the server refuses
 */
export async function send(sending: Sending, onLost: (isLost: boolean) => void): Promise<Sent> {
  const session = sessionOf(sending);
  for (;;) {
    try {
      const sent = await sendMissing(sending, session);
      sessionStorage.removeItem(STORED);
      return sent;
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.code !== "server-gone") throw error;
      onLost(true);
      await connection(sending.signal);
      onLost(false);
    }
  }
}

async function sendMissing(sending: Sending, session: string): Promise<Sent> {
  const { advertiser, name, operation, file, options, signal, onProgress } = sending;
  const base = `/v1/advertisers/${encodeURIComponent(advertiser)}`;
  const known = await ask<{ parts: number[] }>("GET", `${base}/lists/parts?${new URLSearchParams({ name, session })}`);
  const taken = new Set(known.parts);
  let number = 0;
  let rowsSent = 0;
  let last: Sent | undefined;
  for await (const part of parts(file, options, () => {}, signal)) {
    number++;
    // The last one is sent again where all are there: its answer names the audience.
    if (!taken.has(number) || part.isLast) {
      const query = { name, operation, scheme: options.scheme, session, part: String(number) };
      last = await ask<Sent>("POST", `${base}/lists?${new URLSearchParams(query)}`, part.bytes, {
        "content-type": part.type,
      });
    }
    rowsSent += part.rows;
    onProgress(rowsSent);
  }
  return last!;
}

/** The session's name: that of before where the same list was cut off. */
function sessionOf({ advertiser, name, operation, file, options }: Sending): string {
  const { size, lastModified } = file;
  const of = JSON.stringify([advertiser, name, operation, file.name, size, lastModified, options]);
  const stored = JSON.parse(sessionStorage.getItem(STORED) ?? "{}") as { of?: string; session?: string };
  if (stored.of === of && stored.session !== undefined) return stored.session;
  const session = crypto.randomUUID();
  sessionStorage.setItem(STORED, JSON.stringify({ of, session }));
  return session;
}

/** Waits until the server answers again. */
async function connection(signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    const isThere = await fetch("/v1/health", { cache: "no-store" }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return;
  }
}
