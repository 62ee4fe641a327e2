/** Sending a list: what is in it shows before anything leaves the page, and only digests ever do. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import { MAX_NAME } from "../../access/name.js";
import { number, say } from "../messages/index.js";
import { FileDrop } from "../parts/file-drop.js";
import { useDoing } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { type Done, Progress } from "../parts/progress.js";
import { FoundInList } from "./found-in-list.js";
import type { ListOptions } from "./list-protocol.js";
import { type Looked, look } from "./reading.js";
import { send } from "./sending.js";
import { useAdvertiser } from "./whose.js";

const SCHEMES = ["plain", "x", "meta", "google"] as const;
const OPERATIONS = ["create", "append", "remove", "replace"] as const;

/** What a list is called until somebody says otherwise. */
const nameOf = (file: File): string =>
  file.name
    .replace(/\.gz$/i, "")
    .replace(/\.(csv|txt)$/i, "")
    .slice(0, MAX_NAME)
    .trim();

export function UploadPage() {
  const advertiser = useAdvertiser();
  const { query } = useRoute() as { query: Record<string, string | undefined> };
  const [file, setFile] = useState<File>();
  const [scheme, setScheme] = useState<ListOptions["scheme"]>("plain");
  const [region, setRegion] = useState("");
  const [name, setName] = useState(query.name ?? "");
  const [operation, setOperation] = useState<(typeof OPERATIONS)[number]>(
    query.name === undefined ? "create" : "append",
  );
  const [found, setFound] = useState<Looked>();
  const [done, setDone] = useState<Done>();
  const [isLost, setLost] = useState(false);
  const [stopped, setStopped] = useState<{ readonly sent: number; readonly rows: number }>();
  const [audience, setAudience] = useState<string>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const working = useDoing(async (work: (signal: AbortSignal) => Promise<void>) => {
    const controller = new AbortController();
    running.current = controller;
    setStopped(undefined);
    try {
      await work(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    } finally {
      setDone(undefined);
      setLost(false);
    }
  });
  const options = (): ListOptions => ({ scheme, region: region === "" ? undefined : region.toUpperCase() });
  const looked = (chosen: File | undefined, by = options()) => {
    if (chosen === undefined || working.isDoing) return;
    setFile(chosen);
    setFound(undefined);
    setAudience(undefined);
    if (name === "") setName(nameOf(chosen));
    void working.run(async (signal) => {
      const onProgress = (rows: number, share: number) => setDone({ what: say.advertiser.rows, done: rows, share });
      const seen = await look(chosen, by, onProgress, signal);
      if (!signal.aborted) setFound(seen);
    });
  };
  const sent = () =>
    working.run(async (signal) => {
      if (file === undefined || found === undefined) return;
      const {
        summary: { rows },
        parts,
      } = found;
      let count = 0;
      const onProgress = (now: number) => {
        count = now;
        setDone({ what: say.advertiser.rows, done: count, share: rows === 0 ? 1 : count / rows });
      };
      const sending = { advertiser, name: name.trim(), operation, file, options: options(), parts, onProgress, signal };
      try {
        setAudience((await send(sending, setLost)).audience);
      } catch (error) {
        if (signal.aborted) setStopped({ sent: count, rows });
        throw error;
      }
    });

  /** Where it is: below what was just pressed. */
  const state = (
    <>
      <ProblemNote problem={working.problem} onAgain={found === undefined ? undefined : sent} />
      {isLost ? (
        <p class="note" role="status">
          {say.advertiser.lost}
        </p>
      ) : null}
      {stopped === undefined ? null : (
        <p class="note" role="status">
          {say.advertiser.stopped(number(stopped.sent), number(stopped.rows))}
        </p>
      )}
      {working.isDoing && done !== undefined ? (
        <>
          <Progress of={done} label={found === undefined ? say.advertiser.looking : say.advertiser.sending} />
          <div class="buttons">
            <button type="button" onClick={() => running.current?.abort()}>
              {say.common.cancel}
            </button>
          </div>
        </>
      ) : null}
    </>
  );

  return (
    <>
      <h1>{say.advertiser.upload}</h1>
      <p>{say.advertiser.uploadWhat}</p>
      <p class="note">{say.advertiser.neverLeaves}</p>
      <FileDrop
        id="file"
        file={file}
        how={say.advertiser.drop}
        isDisabled={working.isDoing}
        accept=".csv,.txt,.gz,text/csv"
        onFile={(chosen) => looked(chosen)}
      />
      <details class="to-fill">
        <summary>{say.advertiser.how}</summary>
        <label for="scheme">{say.advertiser.scheme}</label>
        <select
          id="scheme"
          value={scheme}
          disabled={working.isDoing}
          onChange={({ currentTarget }) => {
            const chosen = currentTarget.value as ListOptions["scheme"];
            setScheme(chosen);
            looked(file, { ...options(), scheme: chosen });
          }}
        >
          {SCHEMES.map((one) => (
            <option key={one} value={one}>
              {say.advertiser.schemes[one]}
            </option>
          ))}
        </select>
        <label for="region">
          {say.advertiser.region} <span class="dim">{say.advertiser.regionHow}</span>
        </label>
        <input
          id="region"
          value={region}
          disabled={working.isDoing}
          maxLength={2}
          placeholder="DE"
          onInput={({ currentTarget }) => setRegion(currentTarget.value)}
          onChange={({ currentTarget }) =>
            looked(file, { scheme, region: currentTarget.value.trim().toUpperCase() || undefined })
          }
        />
      </details>
      {found === undefined ? state : null}
      {file === undefined || found !== undefined || working.isDoing ? null : (
        <button type="button" onClick={() => looked(file)}>
          {say.advertiser.lookAgain}
        </button>
      )}
      {found === undefined ? null : (
        <>
          <FoundInList found={found} />
          {audience === undefined ? (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                void sent();
              }}
            >
              <h2>{say.advertiser.sendIt}</h2>
              <label for="name">{say.advertiser.name}</label>
              <input
                id="name"
                value={name}
                maxLength={MAX_NAME}
                disabled={working.isDoing}
                onInput={({ currentTarget }) => setName(currentTarget.value)}
              />
              <label for="operation">{say.advertiser.operation}</label>
              <select
                id="operation"
                value={operation}
                disabled={working.isDoing}
                onChange={({ currentTarget }) => setOperation(currentTarget.value as (typeof OPERATIONS)[number])}
              >
                {OPERATIONS.map((one) => (
                  <option key={one} value={one}>
                    {say.advertiser.operations[one]}
                  </option>
                ))}
              </select>
              <div class="buttons">
                <button
                  type="submit"
                  class="main"
                  disabled={working.isDoing || name.trim() === "" || found.summary.usable === 0}
                >
                  {say.advertiser.send(found.summary.usable)}
                </button>
              </div>
              {state}
            </form>
          ) : (
            <div class="done" role="status">
              <p>
                <strong>{say.advertiser.sent(found.summary.usable)}</strong> {say.advertiser.sentNext}
              </p>
              <p>
                <a href={`/audiences/${audience}`}>{say.advertiser.toAudience}</a>
              </p>
            </div>
          )}
        </>
      )}
    </>
  );
}
