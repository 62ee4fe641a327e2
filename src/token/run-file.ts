/**
 * Runs as a snapshot keeps them: the memory of their shards as it is, which a start takes over without looking at a token.
 */
import { z } from "zod";
import { bytesOf } from "../log/index.js";
import { Paging } from "../paging/index.js";
import { viewU32 } from "../store/index.js";
import { newShardMemory, type Run, type Shard, shardBytes } from "./run.js";

const headSchema = z.array(
  z.object({
    id: z.number(),
    prefixBits: z.number(),
    bucketBits: z.number(),
    furtherBytes: z.number(),
    maxOrdinal: z.number(),
    codes: z.array(z.number()),
    tally: z.array(z.number()),
    places: z.array(z.number()),
  }),
);
const HEAD = "runs";

/** Named bytes; those of shards are their memory, which must not change while they are written. */
export function encodeRuns(runs: readonly Run[]): Map<string, Uint8Array> {
  const head: z.infer<typeof headSchema> = runs.map(({ shards, codes, tally, ...run }) => ({
    ...run,
    codes: [...codes],
    tally: [...tally],
    places: shards.map(({ places }) => places),
  }));
  const sections = new Map([[HEAD, Buffer.from(JSON.stringify(head))]] as [string, Uint8Array][]);
  runs.forEach((run, r) => {
    run.shards.forEach((shard, s) => {
      const bytes = new Uint8Array(shard.memory.buffer, 0, shardBytes(run, shard.places));
      sections.set(`${r}.${s}`, bytes);
      sections.set(`${r}.${s}.odd-places`, bytesOf(shard.oddPlaces));
      sections.set(`${r}.${s}.odd-marks`, shard.oddMarks);
    });
  });
  return sections;
}

/**
 * @param sections as `encodeRuns` made them, and nobody else; a snapshot's seal says so
 * @param threads threads that look into the runs
 * @param paging for large runs
 * @returns undefined where something is missing
 */
export function decodeRuns(
  sections: ReadonlyMap<string, Uint8Array>,
  threads: number,
  paging = Paging.none,
): Run[] | undefined {
  const head = sections.get(HEAD);
  if (head === undefined) return undefined;
  const runs: Run[] = [];
  for (const { places, ...run } of headSchema.parse(JSON.parse(Buffer.from(head).toString()))) {
    const shards: Shard[] = [];
    const isPaged = paging.isFor(places.reduce((sum, count) => sum + shardBytes(run, count), 0));
    for (const [s, count] of places.entries()) {
      const of = (part: string) => sections.get(`${runs.length}.${s}${part}`);
      const [bytes, oddPlaces, oddMarks] = [of(""), of(".odd-places"), of(".odd-marks")];
      if (bytes === undefined || oddPlaces === undefined || oddMarks === undefined) return undefined;
      const memory = newShardMemory(run, count, threads);
      new Uint8Array(memory.buffer).set(bytes);
      if (isPaged) paging.pageOut(new Uint8Array(memory.buffer, 0, bytes.length));
      shards.push({ memory, places: count, oddPlaces: viewU32(oddPlaces), oddMarks });
    }
    runs.push({ ...run, codes: Uint8Array.from(run.codes), tally: Uint32Array.from(run.tally), shards });
  }
  return runs;
}
