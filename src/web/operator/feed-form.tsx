/** Feeds a file: tried first or taken in at once, with its progress, and what became of each row. */
import { useState } from "preact/hooks";
import type { CommandResult, SourceView } from "../../command/index.js";
import { command, Refused } from "../ask.js";
import { say } from "../messages/index.js";
import { FileDrop } from "../parts/file-drop.js";
import { Load, useDoing, useLoad } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { type Done, Progress } from "../parts/progress.js";
import { CopyButton } from "../parts/table.js";
import { type Fed, FedResult } from "./fed-result.js";
import { FreeRun } from "./free-run.js";

const text = say.intake;
const WHATS = ["ingestContacts", "accounts", "events"] as const;
type What = (typeof WHATS)[number];
/** Refused rows that an answer holds. */
const KEPT_ROWS = 1000;
const KILOBYTE = 1000;

interface Asked {
  readonly onFed: () => Promise<void>;
  /** Called with the position of a proposal to let a run go. */
  readonly onProposed: (position: number) => void;
}

export function FeedForm(asked: Asked) {
  const sources = useLoad(() => command("sources", {}), []);
  return (
    <section class="card to-fill" aria-label={text.feed}>
      <h2>{text.feed}</h2>
      <Load of={sources}>{(found) => <Fields sources={found} {...asked} />}</Load>
    </section>
  );
}

function Fields({ sources, onFed, onProposed }: Asked & { sources: readonly SourceView[] }) {
  const [what, setWhat] = useState<What>("ingestContacts");
  const [source, setSource] = useState(sources[0]?.name ?? "");
  const [region, setRegion] = useState("");
  const [file, setFile] = useState<File>();
  const [done, setDone] = useState<Done>();
  const [label, setLabel] = useState("");
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [fed, setFed] = useState<Fed>();
  const feeding = useDoing(async (isTry: boolean) => {
    if (file === undefined) return;
    setFed(undefined);
    setWarnings([]);
    setLabel(isTry ? text.trying : text.taking);
    setDone({ what: text.kilobytes, done: 0, share: 0 });
    const common = { file: "-", keepRefused: KEPT_ROWS, ...(region === "" ? {} : { region }), ...formatOf(file) };
    const options = {
      bytes: file,
      onSent: (bytes: number, share: number) =>
        setDone({ what: text.kilobytes, done: Math.round(bytes / KILOBYTE), share }),
      onProgress: (_: string, rows: number, share: number) => setDone({ what: text.rowUnit, done: rows, share }),
      onWarning: (warning: string) => setWarnings((before) => [...before, warning]),
    };
    try {
      const result: CommandResult<What> =
        what === "ingestContacts"
          ? await command(what, { ...common, source, dryRun: isTry }, options)
          : await command(what, common, options);
      const { size } = await command("ledgerHead", {});
      setFed({ result, isTry, entries: size });
    } finally {
      setDone(undefined);
      if (!isTry) await onFed();
    }
  });
  const isParquet = file !== undefined && /\.parquet$/i.test(file.name);
  const isReady = file !== undefined && !isParquet && !feeding.isDoing;
  const cli = `solely ingest FILE.parquet --source ${source}`;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void feeding.run(what === "ingestContacts");
      }}
    >
      <label for="feed-what">{text.feedWhat}</label>
      <select id="feed-what" value={what} onChange={({ currentTarget }) => setWhat(currentTarget.value as What)}>
        {WHATS.map((one) => (
          <option key={one} value={one}>
            {text.whats[one]}
          </option>
        ))}
      </select>
      {what === "ingestContacts" ? (
        <>
          <label for="feed-source">{text.source}</label>
          <select id="feed-source" value={source} onChange={({ currentTarget }) => setSource(currentTarget.value)}>
            {sources.map(({ name, vouches }) => (
              <option key={name} value={name}>
                {text.vouches(name, vouches)}
              </option>
            ))}
          </select>
        </>
      ) : null}
      {what === "accounts" ? null : (
        <>
          <label for="feed-region">
            {text.region} <span class="dim">{text.regionForm}</span>
          </label>
          <input
            id="feed-region"
            value={region}
            pattern="[A-Za-z]{2}"
            maxLength={2}
            autocomplete="off"
            onInput={({ currentTarget }) => setRegion(currentTarget.value.toUpperCase())}
          />
        </>
      )}
      <FileDrop id="feed-file" file={file} how={text.fileHow} isDisabled={feeding.isDoing} onFile={setFile} />
      {isParquet ? (
        <div class="note">
          <p>{text.parquet}</p>
          <pre>{cli}</pre>
          <CopyButton text={cli} />
        </div>
      ) : null}
      <div class="buttons">
        {what === "ingestContacts" ? (
          <button type="submit" class="main" disabled={!isReady}>
            {text.dryRun}
          </button>
        ) : null}
        <button type="button" disabled={!isReady} onClick={() => feeding.run(false)}>
          {text.take}
        </button>
      </div>
      {what === "ingestContacts" ? <p class="dim small">{text.dryRunWhat}</p> : null}
      {done === undefined ? null : <Progress of={done} label={label} />}
      {warnings.length === 0 ? null : (
        <div class="note" role="status">
          {warnings.map((warning) => (
            <p key={warning}>{warning}</p>
          ))}
        </div>
      )}
      <HeldBack problem={feeding.problem} source={source} onProposed={onProposed} />
      {fed === undefined ? null : <FedResult fed={fed} />}
    </form>
  );
}

/** What went wrong; a run that would free too much can be proposed to two operators at once. */
function HeldBack({
  problem,
  source,
  onProposed,
}: {
  problem: unknown;
  source: string;
  onProposed: Asked["onProposed"];
}) {
  if (!(problem instanceof Refused) || problem.problem.code !== "freed-limit") return <ProblemNote problem={problem} />;
  const { digest, freed } = problem.problem.details ?? {};
  return (
    <>
      <ProblemNote problem={problem} />
      <FreeRun run={{ source, digest: String(digest), freed: Number(freed) }} onProposed={onProposed} />
    </>
  );
}

/** By the file's name; of another the server finds it by the bytes. */
function formatOf({ name }: File): { format?: "csv" | "ndjson" } {
  if (/\.csv(\.gz)?$/i.test(name)) return { format: "csv" };
  return /\.(ndjson|jsonl)(\.gz)?$/i.test(name) ? { format: "ndjson" } : {};
}
