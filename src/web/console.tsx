/**
 * The console: three people look at the same truth. Which pages there are depends on who is signed in; each person's are
 * loaded when they are needed.
 */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorBoundary, LocationProvider, lazy } from "preact-iso";
import type { SessionView } from "../http/index.js";
import { ask, whenSignedOut } from "./ask.js";
import { say } from "./messages/index.js";
import { ProblemNote } from "./parts/problem.js";
import { openLink } from "./sign-in/link.js";

const SignIn = lazy(() => import("./sign-in/pages.js").then(({ SignInPages }) => SignInPages));
const Operator = lazy(() => import("./operator/pages.js").then(({ OperatorPages }) => OperatorPages));
const Advertiser = lazy(() => import("./advertiser/pages.js").then(({ AdvertiserPages }) => AdvertiserPages));
const Person = lazy(() => import("./person/pages.js").then(({ PersonPages }) => PersonPages));

function Console() {
  const [session, setSession] = useState<SessionView>();
  const [problem, setProblem] = useState<unknown>();
  const look = () => ask<SessionView>("GET", "/v1/session").then(setSession, setProblem);
  useEffect(() => {
    const arrive = () => void openLink().then(look, setProblem);
    arrive();
    addEventListener("hashchange", arrive);
    whenSignedOut.addEventListener("signed-out", look);
    return () => {
      removeEventListener("hashchange", arrive);
      whenSignedOut.removeEventListener("signed-out", look);
    };
  }, []);
  const again = () => {
    setProblem(undefined);
    void look();
  };
  if (problem !== undefined) {
    return (
      <main class="narrow">
        <h1>{say.common.brand}</h1>
        <ProblemNote problem={problem} onAgain={again} />
      </main>
    );
  }
  if (session === undefined) return <p class="unseen">{say.common.loading}</p>;
  const { visitor } = session;
  const shared = { session, onSession: look };
  if (visitor === null) return <SignIn {...shared} />;
  if (visitor.is === "operator") return <Operator {...shared} name={visitor.name} />;
  if (visitor.is === "advertiser")
    return <Advertiser {...shared} advertiser={visitor.advertiser} login={visitor.login} />;
  return <Person {...shared} />;
}

render(
  <LocationProvider>
    <ErrorBoundary>
      <Console />
    </ErrorBoundary>
  </LocationProvider>,
  document.querySelector("#console")!,
);
