/** One audience: what became of its list's rows, its released sizes over time, what it is made of, and its end. */
import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { CommandResult } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";
import { Lines } from "../parts/lines.js";
import { Load, useLoad } from "../parts/load.js";
import { NowSo } from "../parts/now-so.js";
import { Table } from "../parts/table.js";
import { Moment, When } from "../parts/time.js";

const text = say.audiences;
type AudienceDetail = CommandResult<"audience">;

export function AudiencePage() {
  const { id = "" } = useRoute().params;
  const audience = useLoad(() => command("audience", { audience: id }), [id]);
  const [isAsked, setAsked] = useState(false);
  const [deletedAt, setDeleted] = useState<string>();
  if (deletedAt !== undefined) {
    return (
      <>
        <h1>{text.deletedTitle}</h1>
        <NowSo of={deletedAt}>{text.deleted(deletedAt)}</NowSo>
        <a href="/audiences">{text.toAll}</a>
      </>
    );
  }
  return (
    <>
      <p class="small">
        <a href="/audiences">{text.toAll}</a>
      </p>
      <h1>{audience.value?.name ?? text.audience}</h1>
      <Load of={audience}>
        {(view) => (
          <>
            <Facts view={view} />
            {view.expression === null ? <Flow view={view} /> : <Expression expression={view.expression} />}
            <Releases view={view} />
            <div class="buttons">
              <button type="button" class="grave" onClick={() => setAsked(true)}>
                {text.delete}
              </button>
            </div>
            {isAsked ? <Deleting view={view} onDeleted={setDeleted} onClose={() => setAsked(false)} /> : null}
          </>
        )}
      </Load>
    </>
  );
}

function Facts({ view }: { view: AudienceDetail }) {
  const { advertiser, status, size, createdAt, updatedAt, nextReleaseAt, position, isReplayed } = view;
  return (
    <dl>
      <dt>{say.operator.advertiser}</dt>
      <dd>{advertiser}</dd>
      <dt>{text.status}</dt>
      <dd>
        {text.statuses[status]} <span class="dim">{text.statusWhat[status]}</span>
      </dd>
      <dt>{text.size}</dt>
      <dd>{size === null ? text.noSize : text.sizeIn(number(size.value), text.range(size.lower, size.upper))}</dd>
      <dt>{text.created}</dt>
      <dd>
        <Moment at={createdAt} />
      </dd>
      <dt>{text.updated}</dt>
      <dd>
        <When at={updatedAt} />, {say.operator.position(number(position))}
        {isReplayed ? ` (${text.replayed})` : ""}
      </dd>
      {nextReleaseAt === null ? null : (
        <>
          <dt>{text.nextRelease}</dt>
          <dd>
            <When at={nextReleaseAt} />
          </dd>
        </>
      )}
    </dl>
  );
}

/** Each step as long as it has rows; the last one is people, by the released size alone. */
function Flow({ view: { rows, usable, refused, size } }: { view: AudienceDetail }) {
  const steps = [
    { name: text.rowsSent, count: rows, kind: "fill-other" },
    { name: text.rowsUsable, count: usable, kind: "fill" },
    ...(size === null ? [] : [{ name: text.released, count: size.value, kind: "fill-open" }]),
  ];
  const most = Math.max(1, ...steps.map(({ count }) => count));
  return (
    <section>
      <h2>{text.flow}</h2>
      <figure class="flow">
        {steps.map(({ name, count, kind }) => (
          <div key={name}>
            {name}: {number(count)}
            <svg width="100%" aria-hidden="true">
              <rect class={kind} height="100%" width={`${(100 * count) / most}%`} rx="3" />
            </svg>
          </div>
        ))}
        <figcaption>{text.flowHow}</figcaption>
      </figure>
      <Table
        caption={text.flow}
        isCaptionHidden
        rows={[...steps, { name: say.operator.rowsRefused, count: refused, kind: "" }]}
        columns={[
          { name: text.step, value: ({ name }) => name },
          { name: text.count, value: ({ count }) => count },
        ]}
      />
    </section>
  );
}

function Expression({ expression }: { expression: NonNullable<AudienceDetail["expression"]> }) {
  const parts = [
    { name: text.include, names: expression.include },
    { name: text.exclude, names: expression.exclude },
    { name: text.with, names: expression.with },
    { name: text.without, names: expression.without },
  ].filter(({ names }) => names.length > 0);
  return (
    <section>
      <h2>{text.madeOf}</h2>
      <p>{text.madeOfHow}</p>
      <dl>
        {parts.map(({ name, names }) => (
          <>
            <dt key={name}>{name}</dt>
            <dd>
              <code>{names.join(", ")}</code>
            </dd>
          </>
        ))}
      </dl>
    </section>
  );
}

function Releases({ view: { releases } }: { view: AudienceDetail }) {
  const points = releases.flatMap(({ at, size }) =>
    size === null ? [] : [{ atMs: Date.parse(at), value: size.value }],
  );
  return (
    <section>
      <h2>{text.releases}</h2>
      <p>{text.releasesHow}</p>
      {points.length > 1 ? <Lines points={points} title={text.releases} /> : null}
      <Table
        caption={text.releases}
        isCaptionHidden
        rows={releases.toReversed()}
        empty={<p>{text.noReleases}</p>}
        columns={[
          { name: text.releasedAt, value: ({ at }) => at, show: ({ at }) => <Moment at={at} /> },
          { name: text.status, value: ({ status }) => text.statuses[status] },
          {
            name: text.size,
            value: ({ size }) => size?.value ?? "",
            show: ({ size }) => (size === null ? text.noSize : text.about(number(size.value))),
          },
          { name: text.between, value: ({ size }) => (size === null ? "" : text.range(size.lower, size.upper)) },
        ]}
      />
    </section>
  );
}

function Deleting({
  view: { audience, name, advertiser },
  onDeleted,
  onClose,
}: {
  view: AudienceDetail;
  onDeleted: (position: string) => void;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  const remove = async () => {
    await command("deleteOne", { audience });
    const { size } = await command("ledgerHead", {});
    onDeleted(number(size));
  };
  return (
    <Dialog title={text.deleteTitle(name)} onClose={onClose}>
      <AskedForm act={text.deleteNow} isReady={typed.trim() === name} isGrave onAct={remove} onCancel={onClose}>
        <p>{text.deleteWhat(advertiser)}</p>
        <label for="audience-name">{text.typeName(name)}</label>
        <input
          id="audience-name"
          type="text"
          autocomplete="off"
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </AskedForm>
    </Dialog>
  );
}
