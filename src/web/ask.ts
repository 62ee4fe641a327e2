/**
 * What the console asks of the server: an operator's commands, with their types, and the API's routes.
 *
 * The cookie of the session goes with each request by itself; no script sees it.
 */
import type { CommandInput, CommandName, CommandResult, Problem } from "../command/index.js";
import { say } from "./messages/index.js";

/** What the server said was wrong. */
export class Refused extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.message);
    this.name = "Refused";
  }
}

/** What is heard while a command runs. */
interface CommandOptions {
  readonly bytes?: Blob | undefined;
  /** @param share of the whole, 0 to 1; 0 while it is not known */
  readonly onProgress?: ((what: string, done: number, share: number) => void) | undefined;
  /** Bytes that have left, and their share of all. */
  readonly onSent?: ((done: number, share: number) => void) | undefined;
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/**
 * Has the server run a command for the operator who is signed in.
 * @example const { notices } = await command("notices", {});
 * @throws {Refused}
 */
export async function command<N extends CommandName>(
  name: N,
  input: CommandInput<N>,
  { bytes, onProgress, onSent, onWarning }: CommandOptions = {},
): Promise<CommandResult<N>> {
  const body = new Blob([`${JSON.stringify(input)}\n`, ...(bytes === undefined ? [] : [bytes])]);
  const end: { result?: CommandResult<N>; problem?: Problem } = {};
  const hear = (text: string) => {
    const line = JSON.parse(text);
    if ("progress" in line) onProgress?.(line.progress.what, line.progress.done, line.progress.share);
    else if ("warning" in line) onWarning?.(line.warning);
    else if ("result" in line || "problem" in line) Object.assign(end, line);
  };
  const path = `/v1/console/${name}`;
  if (bytes === undefined) await heard(await sent(path, { method: "POST", body }), hear);
  else await uploaded(path, body, hear, onSent);
  if (end.problem !== undefined) throw new Refused(end.problem, 200);
  if (end.result === undefined) throw new Refused(GONE, 0);
  return end.result;
}

async function heard(answer: Response, hear: (line: string) => void): Promise<void> {
  let rest = "";
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const lines = (rest + next.value).split("\n");
    rest = lines.pop()!;
    lines.forEach(hear);
  }
}

/** Sends many bytes: by XMLHttpRequest, which alone tells how many of them have left. */
function uploaded(
  path: string,
  body: Blob,
  hear: (line: string) => void,
  onSent: CommandOptions["onSent"],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    let told = 0;
    const hearLines = () => {
      if (request.status !== 200) return;
      for (let end = request.responseText.indexOf("\n", told); end >= 0; ) {
        hear(request.responseText.slice(told, end));
        told = end + 1;
        end = request.responseText.indexOf("\n", told);
      }
    };
    request.upload.onprogress = ({ loaded, total }) => onSent?.(loaded, loaded / total);
    request.onprogress = hearLines;
    request.onerror = () => reject(new Refused(GONE, 0));
    request.onload = () => {
      hearLines();
      if (request.status === 200) resolve();
      else reject(refusedBy(request.status, problemIn(request.responseText)));
    };
    request.send(body);
  });
}

function problemIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Asks one of the API's routes.
 * @param body sent as JSON, unless it is bytes
 * @throws {Refused}
 */
export async function ask<T>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: object | Blob,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const json = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  const type = body instanceof Blob || body === undefined ? {} : { "content-type": "application/json" };
  const answer = await sent(path, { method, body: json ?? null, headers: { ...type, ...headers } });
  return answer.json() as Promise<T>;
}

/**
 * Reads one of the API's files as it is.
 * @throws {Refused}
 */
export async function askBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await sent(path, { method: "GET" });
  return new Uint8Array(await answer.arrayBuffer());
}

const GONE: Problem = { code: "server-gone", ...say.common.gone };

/** Told when the server says that nobody is signed in any more. */
export const whenSignedOut = new EventTarget();

async function sent(path: string, options: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...options, cache: "no-store", credentials: "same-origin" });
  } catch {
    throw new Refused(GONE, 0);
  }
  if (answer.ok) return answer;
  throw refusedBy(answer.status, await answer.json().catch(() => undefined));
}

function refusedBy(status: number, told: unknown): Refused {
  const problem = told as { code: string; detail: string; fix?: string } | undefined;
  if (status === 401 && problem?.code === "unauthorized") whenSignedOut.dispatchEvent(new Event("signed-out"));
  if (problem === undefined) return new Refused({ ...GONE, code: "internal" }, status);
  const { code, detail: message, fix } = problem;
  return new Refused({ code, message, ...(fix === undefined ? {} : { fix }) }, status);
}
