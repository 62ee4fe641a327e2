/** Search from anywhere by the keyboard: a page by some letters of its name (combobox with listbox, WAI-ARIA 1.2). */

import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { say } from "../messages/index.js";
import type { Place } from "./frame.js";

export function Search({ places }: { places: readonly Pick<Place, "path" | "name">[] }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { route } = useLocation();
  const found = places.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  const open = () => {
    setText("");
    setAt(0);
    dialog.current?.showModal();
  };
  const go = (place: Pick<Place, "path"> | undefined) => {
    if (place === undefined) return;
    dialog.current?.close();
    route(place.path);
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
  }, []);
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
  return (
    <>
      <button type="button" onClick={open}>
        {say.common.search} <kbd>Ctrl K</kbd>
      </button>
      <dialog class="search" ref={dialog} aria-label={say.common.search}>
        <input
          type="text"
          role="combobox"
          aria-label={say.common.searchHint}
          aria-expanded="true"
          aria-controls="search-found"
          aria-activedescendant={found.length === 0 ? undefined : `search-${at}`}
          placeholder={say.common.searchHint}
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setAt(0);
          }}
          onKeyDown={moved}
        />
        <div id="search-found" class="found" role="listbox" aria-label={say.common.places} tabIndex={-1}>
          {found.map((place, i) => (
            <div
              key={place.path}
              id={`search-${i}`}
              role="option"
              aria-selected={i === at}
              tabIndex={-1}
              onMouseDown={() => go(place)}
            >
              {place.name}
            </div>
          ))}
        </div>
        {found.length === 0 ? <p class="dim">{say.common.searchNothing}</p> : null}
      </dialog>
    </>
  );
}
