/**
 * Commands for operators who are signed in: those of the command line that read and write no file of this machine.
 *
 * A request is as on the channel, but that the session says who asks: one line of JSON, the command's input, then its
 * bytes, if it takes any. What two operators sign comes signed, here as there.
 */
import type { FastifyInstance } from "fastify";
import { type CommandName, runCommand } from "../command/index.js";
import type { Solely } from "../instance/index.js";
import { bodyOf } from "./body.js";
import { answerCommand, firstLine } from "./channel.js";
import type { Guard } from "./guard.js";
import { HttpError } from "./problem.js";

const CONSOLE_PATH = "/v1/console/:command";

/** Fields that name a file of this machine, or somebody; a browser says neither. */
const NOT_SAID = ["out", "rejectFile", "tables", "people", "by"];

/** What an operator's pages may ask. */
const CONSOLE_COMMANDS = [
  ...["glance", "decided", "noticeCheck"],
  ...["alarms", "alarmSeen", "canaries", "canaryCheck", "canaryRegister"],
  ...["propose", "approve", "proposals", "notices", "notice", "sources", "refusedRun", "operators", "signingFrame"],
  ...["ingestContacts", "accounts", "events", "intakeRuns"],
  ...["incidentOpen", "incidents", "incident", "incidentAssess", "rescanIncident"],
  ...["incidentReport", "incidentReportPage"],
  ...["advertiserAdd", "advertisers", "loginInvite", "logins", "loginEnd"],
  ...["keyCreate", "keyRevoke", "apiKeys", "rotate", "purposeKeys", "health"],
  ...["audiences", "audience", "deleteOne", "budgets", "explainAccount", "accountView"],
  ...["ledgerHead", "ledgerProof"],
  ...["contactNumbers", "reveal"],
] as const satisfies readonly CommandName[];

export function serveConsole(server: FastifyInstance, solely: Solely, guard: Guard): void {
  server.post<{ Params: { command: string } }>(CONSOLE_PATH, async (request, reply) => {
    const { actor, visitor } = guard.callerOf(request, "operator", {});
    const command = CONSOLE_COMMANDS.find((known) => known === request.params.command);
    if (command === undefined || visitor?.is !== "operator") {
      throw new HttpError(404, "unknown-command", "the console has no such command", "use the command line");
    }
    const { line, rest } = await firstLine(bodyOf(request));
    const input = inputOf(line);
    if (command === "alarmSeen") input.by = visitor.name;
    const sent = countedBytes(rest, Number(request.headers["content-length"]));
    await answerCommand(reply, ({ onProgress, onWarning }) =>
      runCommand(solely, command, input, {
        ...{ actor, input: sent.bytes, onWarning },
        onProgress: (what, done, share) => onProgress(what, done, share === 0 ? sent.share() : share),
      }),
    );
  });
}

/** Bytes of a known length, and how much of them has been read. */
function countedBytes(bytes: AsyncIterable<Uint8Array>, length: number) {
  let read = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const block of bytes) {
      read += block.length;
      yield block;
    }
  };
  return { bytes: counted(), share: () => (length > 0 ? Math.min(1, read / length) : 0) };
}

/** @throws {HttpError} code `malformed-request` */
function inputOf(line: string): Record<string, unknown> {
  const malformed = (what: string) => new HttpError(400, "malformed-request", what, "use the console's own pages");
  let input: unknown;
  try {
    input = JSON.parse(line);
  } catch {
    throw malformed("a command's input is a line of JSON");
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) throw malformed("the input is no object");
  const said = NOT_SAID.find((name) => Object.hasOwn(input, name));
  if (said !== undefined) throw malformed(`${said} can't be said from a browser`);
  if ("file" in input && input.file !== "-") throw malformed("a file's bytes come with the command");
  return { ...input };
}
