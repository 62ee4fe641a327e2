/** Why nothing of an audience is served. */
import type { Audience } from "../audience/index.js";
import { type AudienceStatus, audienceStatus } from "../size/index.js";
import type { ServeRooms } from "./rooms.js";

export type NotServed = Exclude<AudienceStatus, "ready">;

/** Of an audience that is not served. */
export function whyNotServed({ releases }: Pick<ServeRooms, "releases">, audience: Audience): NotServed {
  const status = audienceStatus({ releases }, audience);
  // Released again since, and too small by now: that shows at the next tick.
  return status === "ready" ? "too-small" : status;
}
