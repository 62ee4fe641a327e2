/**
 * A notice as it is being written: held against the very schema that the server holds it to, while it is typed, with what
 * its approver will see.
 */
import { useEffect, useState } from "preact/hooks";
import type { NoticeCheck, NoticeView, ProposalView } from "../../command/index.js";
import { command } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { ProblemNote } from "../parts/problem.js";
import { NoticeReviewed } from "./proposal-detail.js";
import { propose } from "./signing.js";

const text = say.notices;
/** Checked so long after the last key. */
const CHECK_AFTER_MS = 250;

interface Draft {
  readonly id: string;
  readonly version: string;
  readonly surface: string;
  readonly language: string;
  readonly text: string;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
  readonly subject: string;
  readonly sources: string;
  /** As a field for date and time has it, in the writer's own time zone; empty: from the approval on. */
  readonly from: string;
}

function draftFrom(view: NoticeView | undefined): Draft {
  const [id = "", version = "0"] = view?.notice.split("@") ?? [];
  return {
    id,
    version: String(Number(version) + 1),
    surface: view?.surface ?? "",
    language: view?.language ?? "en",
    text: view?.text ?? "",
    purposes: view?.purposes ?? [],
    exclusive: view?.exclusive ?? false,
    subject: view?.subject ?? "self",
    sources: view?.sources.join(", ") ?? "local",
    from: "",
  };
}

function noticeOf(draft: Draft, openedAtMs: number): Record<string, unknown> {
  const { version, sources, from, ...rest } = draft;
  const names = sources.split(",").map((name) => name.trim());
  return {
    ...rest,
    version: Number(version),
    sources: names.filter((name) => name !== ""),
    effective_from: new Date(from === "" ? openedAtMs : from).toISOString(),
  };
}

export function NoticeForm({
  from,
  onProposed,
  onCancel,
}: {
  from: NoticeView | undefined;
  onProposed: (view: ProposalView) => void;
  onCancel: () => void;
}) {
  const [openedAtMs] = useState(Date.now());
  const [draft, setDraft] = useState<Draft>(() => draftFrom(from));
  const [check, setCheck] = useState<NoticeCheck>();
  const [isTouched, setTouched] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const set = (changes: Partial<Draft>) => {
    setCheck(undefined);
    setTouched(true);
    setDraft({ ...draft, ...changes });
  };
  useEffect(() => {
    let isLast = true;
    const timer = setTimeout(() => {
      command("noticeCheck", { notice: noticeOf(draft, openedAtMs) }).then(
        (answer) => isLast && setCheck(answer),
        (error: unknown) => isLast && setProblem(error),
      );
    }, CHECK_AFTER_MS);
    return () => {
      isLast = false;
      clearTimeout(timer);
    };
  }, [draft]);
  const sign = async () => onProposed(await propose({ type: "notice.adopt", notice: noticeOf(draft, openedAtMs) }));
  const isReady = check?.review != null && check.problem === null;
  const wrong = (field: string) =>
    isTouched ? check?.issues.find((issue) => issue.field === field)?.message : undefined;
  const line = (field: "id" | "version" | "surface" | "language" | "sources", label: string, hint: string) => (
    <Field id={`notice-${field}`} label={label} hint={hint} wrong={wrong(field)}>
      {(described) => (
        <input
          {...described}
          type="text"
          inputMode={field === "version" ? "numeric" : "text"}
          autocomplete="off"
          readOnly={field === "id" && from !== undefined}
          value={draft[field]}
          onInput={({ currentTarget }) => set({ [field]: currentTarget.value })}
        />
      )}
    </Field>
  );
  return (
    <AskedForm
      act={say.operators.sign}
      isReady={isReady}
      onAct={sign}
      onCancel={onCancel}
      foot={say.operators.signWhat}
    >
      <p>{text.formHow}</p>
      {line("id", text.id, text.idHint)}
      {line("version", text.version, text.versionHint)}
      {line("surface", say.decisions.surface, text.surfaceHint)}
      {line("language", text.language, text.languageHint)}
      <Field id="notice-text" label={text.text} hint={text.textHint} wrong={wrong("text")}>
        {(described) => (
          <textarea
            {...described}
            value={draft.text}
            onInput={({ currentTarget }) => set({ text: currentTarget.value })}
          />
        )}
      </Field>
      <fieldset>
        <legend>{say.decisions.purposes}</legend>
        {Object.entries(say.decisions.meanings).map(([purpose, meaning]) => (
          <Check
            key={purpose}
            label={purpose}
            hint={meaning}
            isOn={draft.purposes.includes(purpose)}
            onChange={(isOn) =>
              set({ purposes: isOn ? [...draft.purposes, purpose] : draft.purposes.filter((one) => one !== purpose) })
            }
          />
        ))}
        {wrong("purposes") === undefined ? null : <p class="bad">{text.somePurpose}</p>}
      </fieldset>
      <fieldset>
        <legend>{text.promise}</legend>
        <Check
          label={say.decisions.exclusive}
          hint={text.exclusiveHint}
          isOn={draft.exclusive}
          onChange={(exclusive) => set({ exclusive })}
        />
        <Check
          label={text.others}
          hint={text.othersHint}
          isOn={draft.subject === "other"}
          onChange={(isOn) => set({ subject: isOn ? "other" : "self" })}
        />
      </fieldset>
      {line("sources", say.decisions.sources, text.sourcesHint)}
      <Field id="notice-from" label={text.validFrom} hint={text.fromHint} wrong={wrong("effective_from")}>
        {(described) => (
          <input
            {...described}
            type="datetime-local"
            value={draft.from}
            onInput={({ currentTarget }) => set({ from: currentTarget.value })}
          />
        )}
      </Field>
      <div aria-live="polite">
        {check?.problem == null ? null : (
          <p class="problem">
            <strong>{check.problem.message}</strong> {check.problem.fix}
          </p>
        )}
        {check?.review == null ? null : (
          <details open>
            <summary>{text.seen}</summary>
            <NoticeReviewed review={check.review} />
          </details>
        )}
      </div>
      <ProblemNote problem={problem} />
    </AskedForm>
  );
}

interface Described {
  readonly id: string;
  readonly "aria-describedby": string;
  readonly "aria-invalid": boolean;
}

function Field({
  id,
  label,
  hint,
  wrong,
  children,
}: {
  id: string;
  label: string;
  hint: string;
  wrong: string | undefined;
  children: (described: Described) => preact.JSX.Element;
}) {
  return (
    <>
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": `${id}-hint`, "aria-invalid": wrong !== undefined })}
      <p class={wrong === undefined ? "dim small" : "bad small"} id={`${id}-hint`}>
        {wrong ?? hint}
      </p>
    </>
  );
}

function Check({
  label,
  hint,
  isOn,
  onChange,
}: {
  label: string;
  hint: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <p>
      <label class="switch">
        <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
        <span>
          {label} <span class="dim small">{hint}</span>
        </span>
      </label>
    </p>
  );
}
