/** What an approver must see of a proposal, in plain sentences, from the very bytes that were signed. */
import type { ProposalView } from "../../command/index.js";
import type { Notice } from "../../purpose/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { useLoad } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { Moment } from "../parts/time.js";
import { ClaimInWords } from "./claim-words.js";
import { spkiOfPasskey } from "./key-code.js";
import { Compared } from "./operator-change.js";
import { type Span, wordDiff } from "./word-diff.js";

const text = say.decisions;

export function ProposalDetail({ view }: { view: ProposalView }) {
  const { action, review, run, incident } = view;
  if (review !== undefined) return <NoticeReviewed review={review} />;
  if (incident !== undefined) return <Containment view={view} incident={incident} />;
  if (run !== undefined) {
    return <p>{text.run(run.freed, run.limit === null ? say.operator.noLimit : number(run.limit))}</p>;
  }
  switch (action.type) {
    case "incident.contain":
    case "incident.undo":
      return <p class="note">{text.noEffect}</p>;
    case "incident.tell":
      return <p>{text.tell}</p>;
    case "notice.retire":
      return (
        <p>
          {text.retire} <Moment at={action.from} />.
        </p>
      );
    case "source.set":
      return <p>{text.source(action.vouches, action.freedLimit)}</p>;
    case "contact.reveal":
      return <p>{text.reveal(action.contacts.length, action.purpose, action.reason)}</p>;
    case "matching.resume":
      return <p>{text.resume(number(action.halt))}</p>;
    case "store.recover":
      return (
        <p>
          {text.recover(number(action.position))} <code>{action.root}</code>
        </p>
      );
    case "operator.add":
    case "operator.replace":
    case "operator.passkey":
      return (
        <>
          <p>{say.operators.consequence(action)}</p>
          <dl>
            <Compared spki={action.type === "operator.passkey" ? spkiOfPasskey(action) : action.publicKey} />
          </dl>
        </>
      );
    case "operator.remove":
    case "operator.passkey-end":
      return <p>{say.operators.consequence(action)}</p>;
    default:
      return null;
  }
}

function Containment({ view, incident }: { view: ProposalView; incident: NonNullable<ProposalView["incident"]> }) {
  const { claim, contactPoints, accounts, audiences, members } = incident;
  const notices = useLoad(() => command("notices", {}), []);
  const isContain = view.action.type === "incident.contain";
  return (
    <>
      <p>{isContain ? text.contain : text.undo}</p>
      <dl>
        <dt>{text.claim}</dt>
        <dd>{claim.title}</dd>
        <dt>{isContain ? text.losing : text.regaining}</dt>
        <dd>{number(contactPoints)}</dd>
        <dt>{text.accounts}</dt>
        <dd>{number(accounts)}</dd>
        <dt>{text.audiences}</dt>
        <dd>{text.shrinking(audiences, members)}</dd>
      </dl>
      <ClaimInWords facts={claim.claims} notices={notices.value ?? []} />
      <ProblemNote problem={notices.problem} />
    </>
  );
}

/** A notice beside the version before it. */
export function NoticeReviewed({ review }: { review: NonNullable<ProposalView["review"]> }) {
  const { notice, before, toConfirm, promotional } = review;
  const spans = wordDiff(before?.text ?? "", notice.text);
  return (
    <>
      {toConfirm.length === 0 ? null : (
        <p class="problem">
          <strong>{text.unmentioned(toConfirm.join(", "))}</strong> {text.unmentionedFix}
        </p>
      )}
      {promotional.length > 0 && before === undefined ? (
        <p class="note">{text.promotional(promotional.join(", "))}</p>
      ) : null}
      <div class="sides">
        <section>
          <h3>{before === undefined ? text.noBefore : text.before(`${before.id}@${before.version}`)}</h3>
          {before === undefined ? (
            <p class="dim">{text.noBeforeHow}</p>
          ) : (
            <>
              <Text spans={spans} without="new" language={before.language} />
              <Terms notice={before} other={notice} mark="gone" />
            </>
          )}
        </section>
        <section>
          <h3>{text.after(`${notice.id}@${notice.version}`)}</h3>
          {before === undefined ? (
            <blockquote lang={notice.language}>{notice.text}</blockquote>
          ) : (
            <Text spans={spans} without="gone" language={notice.language} />
          )}
          <Terms notice={notice} other={before} mark="new" />
        </section>
      </div>
    </>
  );
}

function Text({ spans, without, language }: { spans: readonly Span[]; without: Span["is"]; language: string }) {
  return (
    <blockquote lang={language}>
      {spans
        .filter(({ is }) => is !== without)
        .map((span, i) => (span.is === "same" ? span.text : <Marked key={i} mark={span.is} text={span.text} />))}
    </blockquote>
  );
}

function Marked({ mark, text: shown }: { mark: "gone" | "new"; text: string }) {
  return mark === "gone" ? <del>{shown}</del> : <ins>{shown}</ins>;
}

function Terms({ notice, other, mark }: { notice: Notice; other: Notice | undefined; mark: "gone" | "new" }) {
  const differs = (field: "surface" | "exclusive" | "subject" | "sources" | "effective_from") =>
    other !== undefined && JSON.stringify(other[field]) !== JSON.stringify(notice[field]);
  const told = (field: Parameters<typeof differs>[0], shown: string) =>
    differs(field) ? <Marked mark={mark} text={shown} /> : shown;
  return (
    <dl>
      <dt>{text.purposes}</dt>
      <dd>
        {notice.purposes.map((purpose) => {
          const isOther = other !== undefined && !other.purposes.includes(purpose);
          return (
            <div key={purpose}>
              <code>{isOther ? <Marked mark={mark} text={purpose} /> : purpose}</code>{" "}
              {isOther ? <span class="tag">{mark === "new" ? text.added : text.removed}</span> : null}{" "}
              <span class="dim small">{text.meanings[purpose]}</span>
            </div>
          );
        })}
      </dd>
      <dt>{text.surface}</dt>
      <dd>{told("surface", notice.surface)}</dd>
      <dt>{text.exclusive}</dt>
      <dd>{told("exclusive", notice.exclusive ? text.isExclusive : text.notExclusive)}</dd>
      <dt>{text.subject}</dt>
      <dd>{told("subject", notice.subject === "self" ? text.self : text.other)}</dd>
      <dt>{text.sources}</dt>
      <dd>{told("sources", notice.sources.join(", "))}</dd>
      <dt>{text.effective}</dt>
      <dd>
        <Moment at={notice.effective_from} />
      </dd>
    </dl>
  );
}
