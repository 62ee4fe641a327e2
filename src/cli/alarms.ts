/** Commands about alarms. */
import type { Command } from "commander";
import { define, group, wholeNumber } from "./define.js";
import { table } from "./terminal.js";

export function addAlarmCommands(program: Command): void {
  define<{ all: boolean }>(program, {
    usage: "alarms",
    about: "What must not be and was seen; those that nobody has noted, or all.",
    example: "solely alarms --all",
    options: (command) => command.option("--all", "noted ones too", false),
    async work(session, _, { all }) {
      const alarms = await session.run("alarms", { all });
      session.terminal.result({ alarms }, () =>
        table(
          ["alarm", "at", "what", "noted by"],
          alarms.map(({ alarm, at, what, seenBy }) => [String(alarm), at, what, seenBy ?? ""]),
          "no alarms",
        ),
      );
    },
  });
  const alarm = group(program, "alarm", "what is done about an alarm");
  define<{ as: string }>(alarm, {
    usage: "seen <alarm>",
    about: "Note that an operator knows of an alarm; it changes nothing else.",
    example: "solely alarm seen 42 --as alice",
    options: (command) => command.requiredOption("--as <operator>", "who knows of it"),
    async work(session, [id], { as }) {
      const seen = await session.run("alarmSeen", { alarm: wholeNumber(0)(id!), by: as });
      session.terminal.result(seen, () => [`noted by ${as}: ${seen.what}`]);
    },
  });
}
