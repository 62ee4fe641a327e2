/**
 * Search from anywhere by the keyboard: a page by some letters of its name, and what else its reader may look for, as soon as
 * something is typed (combobox with listbox, WAI-ARIA 1.2).
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { say } from "../messages/index.js";
import { ProblemNote } from "./problem.js";

/** Something that can be gone to. */
export interface Findable {
  readonly name: string;
  /** Of what kind it is, and whose. */
  readonly what?: string;
  /** What else it is found by. */
  readonly number?: string;
  readonly path: string;
  /** Called before its page opens: to hand over what no address may hold. */
  readonly onOpen?: () => void;
}

/** What is found besides pages. */
export interface Finder {
  /** What may be typed. */
  readonly hint: string;
  /** Asked for each time that the search is opened. */
  readonly all: () => Promise<readonly Findable[]>;
  /** What a text names that no list holds. */
  readonly named?: (text: string) => Findable | undefined;
}

/** What is shown of what was found. */
const MOST_SHOWN = 50;

export function Search({ places, finder }: { places: readonly Findable[]; finder: Finder | undefined }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [others, setOthers] = useState<readonly Findable[]>([]);
  const [problem, setProblem] = useState<unknown>();
  const { route } = useLocation();
  const typed = text.trim().toLowerCase();
  const has = ({ name, number }: Findable) => name.toLowerCase().includes(typed) || number?.toLowerCase() === typed;
  const named = finder?.named?.(text.trim());
  const found = [
    ...(named === undefined ? [] : [named]),
    ...places.filter(has),
    ...(typed === "" ? [] : others.filter(has)),
  ].slice(0, MOST_SHOWN);
  const open = () => {
    setText("");
    setAt(0);
    setProblem(undefined);
    finder?.all().then(setOthers, setProblem);
    dialog.current?.showModal();
  };
  const go = (chosen: Findable | undefined) => {
    if (chosen === undefined) return;
    dialog.current?.close();
    chosen.onOpen?.();
    route(chosen.path);
    document.querySelector<HTMLElement>("#page")?.focus();
  };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      open();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [finder]);
  useEffect(() => document.querySelector(`#search-${at}`)?.scrollIntoView({ block: "nearest" }), [at]);
  const moved = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((at + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(found[at]);
    }
  };
  const hint = finder?.hint ?? say.common.searchHint;
  return (
    <>
      <button type="button" onClick={open}>
        {say.common.search} <kbd>Ctrl K</kbd>
      </button>
      <dialog class="search" ref={dialog} aria-label={say.common.search}>
        <input
          type="text"
          role="combobox"
          autocomplete="off"
          spellcheck={false}
          aria-label={say.common.search}
          aria-expanded="true"
          aria-controls="search-found"
          aria-activedescendant={found.length === 0 ? undefined : `search-${at}`}
          placeholder={hint}
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setAt(0);
          }}
          onKeyDown={moved}
        />
        <div id="search-found" class="found" role="listbox" aria-label={say.common.found} tabIndex={-1}>
          {found.map((one, i) => (
            <div
              key={`${one.path} ${one.name}`}
              id={`search-${i}`}
              role="option"
              aria-selected={i === at}
              tabIndex={-1}
              onMouseDown={() => go(one)}
            >
              {one.name} {one.what === undefined ? null : <span class="dim small">{one.what}</span>}
            </div>
          ))}
        </div>
        {found.length === 0 ? <p class="dim">{say.common.searchNothing}</p> : null}
        <ProblemNote problem={problem} />
      </dialog>
    </>
  );
}
