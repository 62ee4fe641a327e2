/** The frame around a person's pages: who is signed in, where one can go, and the page that is open. */
import type { ComponentChildren, FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { Route, Router, useLocation } from "preact-iso";
import type { SessionView } from "../../http/index.js";
import { ask } from "../ask.js";
import { say } from "../messages/index.js";
import { SampleNote } from "./sample.js";
import { type Finder, Search } from "./search.js";

/** A page that one can go to. */
export interface Place {
  readonly path: string;
  readonly name: string;
  readonly page: FunctionComponent;
  /** Shown within others, such as one audience among all: not among the places to go. */
  readonly isWithin?: boolean;
}

/** What every person's pages are given. */
export interface Visit {
  readonly session: SessionView;
  /** To be called when somebody has signed in or out. */
  readonly onSession: () => Promise<void>;
}

/** @param finder what a search finds besides pages */
export function Frame({
  session,
  onSession,
  who,
  places,
  finder,
}: Visit & { who: string; places: readonly Place[]; finder?: Finder }) {
  const { path } = useLocation();
  const listed = places.filter(({ isWithin }) => isWithin !== true);
  const open = listed.findLast(
    (place) => path === place.path || (place.path !== "/" && path.startsWith(`${place.path}/`)),
  );
  useEffect(() => {
    document.title = open === undefined ? say.common.brand : `${open.name} · ${say.common.brand}`;
  }, [open]);
  const hasPlaces = listed.length > 1;
  return (
    <>
      <Head session={session}>
        <span class="who">{who}</span>
        {hasPlaces ? <Search places={listed} finder={finder} /> : null}
        <button type="button" onClick={() => ask("DELETE", "/v1/session").finally(onSession)}>
          {say.common.signOut}
        </button>
      </Head>
      <div class={hasPlaces ? "frame with-places" : "frame"}>
        {hasPlaces ? (
          <nav class="places" aria-label={say.common.places}>
            <ul>
              {listed.map((place) => (
                <li key={place.path}>
                  <a href={place.path} aria-current={place === open ? "page" : undefined}>
                    {place.name}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        ) : null}
        <main id="page" tabIndex={-1}>
          <Router>
            {places.map(({ path, page }) => (
              <Route key={path} path={path} component={page} />
            ))}
            <Route default component={UnknownPage} />
          </Router>
        </main>
      </div>
    </>
  );
}

export function Head({ session, children }: { session: SessionView; children?: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#page">
        {say.common.skip}
      </a>
      {session.isSample ? <SampleNote session={session} /> : null}
      <header class="head">
        <a class="brand" href="/">
          {say.common.brand}
        </a>
        {children}
      </header>
    </>
  );
}

function UnknownPage() {
  return (
    <div class="empty">
      <h1>{say.common.unknownPage}</h1>
      <p>{say.common.unknownPageFix}</p>
    </div>
  );
}
