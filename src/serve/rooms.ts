/** What serving reads. */
import type { Audiences } from "../audience/index.js";
import type { Contacts } from "../grant/index.js";
import type { Log } from "../log/index.js";
import type { PurposeGate } from "../purpose/index.js";
import type { Releases } from "../size/index.js";

export interface ServeRooms {
  readonly log: Log;
  readonly gate: PurposeGate;
  readonly contacts: Contacts;
  readonly audiences: Audiences;
  readonly releases: Releases;
}
