/**
 * Sending a list: in parts of a session, each of which counts once however often it comes, so that a lost connection costs a few
 * parts at most; also when the page was opened anew meanwhile, as long as the very same file is chosen again.
 */
import { ask, Refused } from "../ask.js";
import type { ListOptions } from "./list-protocol.js";
import type { Part } from "./reading.js";

export interface Sending {
  readonly advertiser: string;
  readonly name: string;
  readonly operation: "create" | "append" | "remove" | "replace";
  readonly file: File;
  readonly options: ListOptions;
  /** Of the whole list, as they were read. */
  readonly parts: readonly Part[];
  readonly onProgress: (rowsSent: number) => void;
  readonly signal: AbortSignal;
}

interface Sent {
  readonly audience: string;
}

const STORED = "sending";
const TRY_AGAIN_MS = 2000;
/** Answers come at whole seconds, so several parts are on their way at once. */
const PARTS_AT_ONCE = 4;

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
  const { advertiser, name, operation, options, parts, signal, onProgress } = sending;
  const lists = `/v1/advertisers/${encodeURIComponent(advertiser)}/lists`;
  const known = await ask<{ parts: number[] }>("GET", `${lists}/parts?${new URLSearchParams({ name, session })}`);
  const taken = new Set(known.parts);
  const missing = parts.flatMap((part, i) => (taken.has(i + 1) ? [] : [{ part, number: i + 1 }]));
  // The last one is sent again where all are there: its answer names the audience.
  const waiting = missing.length > 0 ? missing : [{ part: parts.at(-1)!, number: parts.length }];
  let rowsSent = parts.reduce((rows, part, i) => rows + (taken.has(i + 1) ? part.rows : 0), 0);
  let sent: Sent | undefined;
  let failure: unknown;
  const sendNext = async (): Promise<void> => {
    while (failure === undefined && waiting.length > 0) {
      const { part, number } = waiting.shift()!;
      const query = { name, operation, scheme: options.scheme, session, part: String(number) };
      try {
        signal.throwIfAborted();
        const path = `${lists}?${new URLSearchParams(query)}`;
        sent = await ask<Sent>("POST", path, part.digests, { "content-type": part.digests.type });
        if (taken.has(number)) continue;
        rowsSent += part.rows;
        onProgress(rowsSent);
      } catch (error) {
        failure ??= error;
      }
    }
  };
  onProgress(rowsSent);
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, sendNext));
  if (failure !== undefined) throw failure;
  return sent!;
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
