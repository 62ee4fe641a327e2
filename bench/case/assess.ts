/**
 * `assess DATA`: opens the store of the case, and assesses it: cold, warm, and with the table of audiences. In a process of its
 * own, so that a cold start is one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Assessment, type AudienceAssessment, assess } from "../../src/incident/index.js";
import { Solely } from "../../src/index.js";
import { type Held, held, timed, watchMost } from "./measure.js";

type AudienceCounts = Pick<AudienceAssessment, "people" | "contactPoints" | "showings">;

const WARM_RUNS = 5;

export interface Assessed {
  readonly openSeconds: number;
  /** Of the process with the store open, before anything is asked. */
  readonly open: Held;
  readonly coldSeconds: number;
  readonly warmSeconds: readonly number[];
  readonly tableSeconds: number;
  readonly peakBytes: number;
  readonly assessment: Assessment;
  /** By place of the list in the world. */
  readonly audiences: readonly (AudienceCounts | null)[];
}

async function assessed(data: string): Promise<Assessed> {
  const most = watchMost();
  let solely: Solely | undefined;
  const openSeconds = await timed(async () => {
    solely = await Solely.open({ data });
  });
  const rooms = solely!;
  await sleep(1500);
  globalThis.gc?.();
  await sleep(500);
  const open = held();
  const [incident] = rooms.incidents.list();
  const ask = () => assess(rooms, { incident: incident!.id });
  const coldSeconds = await timed(ask);
  const warmSeconds: number[] = [];
  for (let run = 0; run < WARM_RUNS; run++) warmSeconds.push(await timed(ask));
  const assessment = await ask();
  const audiences: AudienceCounts[] = [];
  const tableSeconds = await timed(() =>
    assess(rooms, {
      incident: incident!.id,
      onAudience: ({ name, people, contactPoints, showings }) => {
        audiences[Number(name.slice("list-".length))] = { people, contactPoints, showings };
      },
    }),
  );
  const peakBytes = most();
  await rooms.close();
  return { openSeconds, open, coldSeconds, warmSeconds, tableSeconds, peakBytes, assessment, audiences };
}

const [, , data] = process.argv;
const result = await assessed(data!);
process.stdout.write(`${JSON.stringify(result)}\n`);
