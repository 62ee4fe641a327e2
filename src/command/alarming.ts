/**
 * Commands about alarms: what must not be and was seen.
 */
import { z } from "zod";
import { type Alarm, alarmText } from "../showing/index.js";
import { command } from "./command.js";

const viewAlarm = ({ id, alarm: kind, atMs, seenBy, seenAtMs, ...about }: Alarm) => ({
  alarm: id,
  kind,
  at: new Date(atMs).toISOString(),
  what: alarmText({ alarm: kind, ...about } as Alarm),
  seenBy: seenBy ?? null,
  seenAt: seenAtMs === undefined ? null : new Date(seenAtMs).toISOString(),
  ...about,
});

/** Alarms that nobody has noted, or all. */
export const alarms = command(z.strictObject({ all: z.boolean().default(false) }), (solely, { all }) =>
  (all ? solely.alarms.list() : solely.alarms.open()).map(viewAlarm),
);

/** Notes that an operator knows of an alarm. */
export const alarmSeen = command(
  z.strictObject({ alarm: z.int().min(0), by: z.string() }),
  async (solely, input, { actor }) => viewAlarm(await solely.alarms.see(solely, { ...input, actor })),
);
