/** Notices: the very texts that people were shown, what each lets contacts be used for, and every version there was. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { NoticeView, ProposalView } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";
import { Load, useLoad } from "../parts/load.js";
import { NowSo } from "../parts/now-so.js";
import { Moment } from "../parts/time.js";
import { NoticeForm } from "./notice-form.js";
import { propose } from "./signing.js";

const text = say.notices;

export function NoticesPage() {
  const notices = useLoad(() => command("notices", {}), []);
  /** The latest version that a new one is written from; `new` for a notice that there is none of. */
  const [writing, setWriting] = useState<NoticeView | "new">();
  const [retiring, setRetiring] = useState<NoticeView>();
  const [done, setDone] = useState<ProposalView>();
  const proposed = (view: ProposalView) => {
    setWriting(undefined);
    setRetiring(undefined);
    setDone(view);
  };
  return (
    <>
      <h1>{text.title}</h1>
      <p>{text.intro}</p>
      <NowSo of={done}>
        {done === undefined ? null : (
          <>
            {text.proposed(number(done.position))} <a href="/decisions">{text.toDecisions}</a>
          </>
        )}
      </NowSo>
      <div class="buttons">
        <button type="button" class="main" onClick={() => setWriting("new")}>
          {text.propose}
        </button>
      </div>
      <Load of={notices}>
        {(all) =>
          all.length === 0 ? (
            <div class="empty">
              <p>{text.none}</p>
            </div>
          ) : (
            byId(all).map((versions) => (
              <NoticeCard
                key={versions[0]!.notice}
                versions={versions}
                onNext={() => setWriting(versions[0])}
                onRetire={() => setRetiring(versions[0])}
              />
            ))
          )
        }
      </Load>
      {writing === undefined ? null : (
        <Dialog title={text.proposeTitle} onClose={() => setWriting(undefined)}>
          <NoticeForm
            from={writing === "new" ? undefined : writing}
            onProposed={proposed}
            onCancel={() => setWriting(undefined)}
          />
        </Dialog>
      )}
      {retiring === undefined ? null : (
        <Retiring notice={retiring} onProposed={proposed} onClose={() => setRetiring(undefined)} />
      )}
    </>
  );
}

const idOf = ({ notice }: Pick<NoticeView, "notice">): string => notice.split("@")[0]!;

/** Where all versions of a notice stand on the page. */
export const anchorOf = (notice: string): string => `notice-${idOf({ notice })}`;

/** Versions of each id, the latest first. */
function byId(all: readonly NoticeView[]): NoticeView[][] {
  const ids = new Map<string, NoticeView[]>();
  for (const view of all) ids.set(idOf(view), [view, ...(ids.get(idOf(view)) ?? [])]);
  return [...ids.values()].sort((a, b) => idOf(a[0]!).localeCompare(idOf(b[0]!)));
}

function NoticeCard({
  versions,
  onNext,
  onRetire,
}: {
  versions: readonly NoticeView[];
  onNext: () => void;
  onRetire: () => void;
}) {
  const [latest, ...earlier] = versions;
  const id = idOf(latest!);
  const card = useRef<HTMLElement>(null);
  const { url } = useLocation();
  useEffect(() => {
    if (!url.endsWith(`#${anchorOf(id)}`)) return;
    card.current?.scrollIntoView();
    card.current?.focus({ preventScroll: true });
  }, [url]);
  return (
    <section class="card" id={anchorOf(id)} aria-label={id} tabIndex={-1} ref={card}>
      <h2>
        {latest!.notice} <StateTag notice={latest!} />
      </h2>
      <Version notice={latest!} />
      {earlier.length === 0 ? null : (
        <details>
          <summary>{text.earlier(earlier.length)}</summary>
          {earlier.map((one) => (
            <section key={one.notice}>
              <h3>{one.notice}</h3>
              <Version notice={one} />
            </section>
          ))}
        </details>
      )}
      <div class="buttons">
        <button type="button" onClick={onNext} aria-label={text.nextOf(id)}>
          {text.next}
        </button>
        {latest!.to === null ? (
          <button type="button" class="grave" onClick={onRetire} aria-label={text.retireOf(id)}>
            {text.retire}
          </button>
        ) : null}
      </div>
    </section>
  );
}

function StateTag({ notice: { from, to } }: { notice: NoticeView }) {
  const now = Date.now();
  if (Date.parse(from) > now) return <span class="tag">{text.later}</span>;
  if (to !== null && Date.parse(to) <= now) return <span class="tag bad">{text.retired}</span>;
  return <span class="tag good">{say.operator.inForce}</span>;
}

function Version({ notice }: { notice: NoticeView }) {
  const { text: shown, language, purposes, surface, exclusive, subject, sources, from, to } = notice;
  return (
    <>
      <blockquote lang={language}>{shown}</blockquote>
      <dl>
        <dt>{say.decisions.purposes}</dt>
        <dd>
          {purposes.map((purpose) => (
            <div key={purpose}>
              <code>{purpose}</code>{" "}
              <span class="dim small">{say.decisions.meanings[purpose as keyof typeof say.decisions.meanings]}</span>
            </div>
          ))}
        </dd>
        <dt>{say.decisions.surface}</dt>
        <dd>{surface}</dd>
        <dt>{say.decisions.exclusive}</dt>
        <dd>{exclusive ? say.decisions.isExclusive : say.decisions.notExclusive}</dd>
        <dt>{say.decisions.subject}</dt>
        <dd>{subject === "self" ? say.decisions.self : say.decisions.other}</dd>
        <dt>{say.decisions.sources}</dt>
        <dd>{sources.join(", ")}</dd>
        <dt>{text.validity}</dt>
        <dd>
          {text.validFrom} <Moment at={from} />
          {to === null ? (
            `, ${text.noEnd}`
          ) : (
            <>
              , {text.validTo} <Moment at={to} />
            </>
          )}
        </dd>
      </dl>
    </>
  );
}

function Retiring({
  notice,
  onProposed,
  onClose,
}: {
  notice: NoticeView;
  onProposed: (view: ProposalView) => void;
  onClose: () => void;
}) {
  const id = idOf(notice);
  const retire = async () => {
    onProposed(await propose({ type: "notice.retire", id, from: new Date().toISOString() }));
  };
  return (
    <Dialog title={text.retireTitle(id)} onClose={onClose}>
      <AskedForm act={say.operators.sign} onAct={retire} onCancel={onClose}>
        <p>{text.retireWhat}</p>
      </AskedForm>
    </Dialog>
  );
}
