/** Signing in. */
import { say } from "../messages/index.js";
import { Head, type Visit } from "../parts/frame.js";
import { CleanStartNote } from "../parts/sample.js";

export function SignInPages({ session }: Visit) {
  return (
    <>
      <Head session={session} />
      <main id="page" class="narrow">
        <h1>{say.signIn.title}</h1>
        <CleanStartNote />
      </main>
    </>
  );
}
