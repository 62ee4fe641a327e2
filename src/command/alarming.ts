/**
 * Commands about alarms and canaries: what must not be and was seen, and what is set out to see it.
 */
import { z } from "zod";
import { checkCanaries } from "../canary/index.js";
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

const canaryContact = z.strictObject({
  kind: z.enum(["email", "phone"]),
  value: z.string().min(1).max(320),
  region: z.string().optional(),
  for: z.enum(["security", "ads"]),
});
const canaryInput = z.strictObject({ account: z.string(), contacts: z.array(canaryContact).min(1).max(20) });

export const canaryRegister = command(canaryInput, (solely, input, { actor }) =>
  solely.canaries.register(solely, { ...input, actor }),
);

/** Canaries, and whether matching is halted. */
export const canaries = command(z.strictObject({}), ({ canaries: all }) => ({
  halt: all.halt ?? null,
  lastCheckAt: all.lastCheckMs === 0 ? null : new Date(all.lastCheckMs).toISOString(),
  canaries: all.list(),
}));

export const canaryCheck = command(z.strictObject({}), (solely, _, { actor }) => checkCanaries(solely, { actor }));
