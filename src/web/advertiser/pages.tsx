/** An advertiser's pages. */
import { useMemo } from "preact/hooks";
import type { AudienceView } from "../../size/index.js";
import { ask } from "../ask.js";
import { say } from "../messages/index.js";
import { Frame, type Place, type Visit } from "../parts/frame.js";
import type { Finder } from "../parts/search.js";
import { OwnLoginPage } from "../sign-in/own-login.js";
import { AudiencePage } from "./audience.js";
import { AudiencesPage } from "./audiences.js";
import { KeysPage } from "./keys.js";
import { UploadPage } from "./upload.js";
import { apiOf, Whose } from "./whose.js";

const PLACES: readonly Place[] = [
  { path: "/", name: say.advertiser.title, page: AudiencesPage },
  { path: "/upload", name: say.advertiser.upload, page: UploadPage },
  { path: "/audiences/:id", name: say.advertiser.title, page: AudiencePage, isWithin: true },
  { path: "/keys", name: say.keys.title, page: KeysPage },
  { path: "/sign-in", name: say.signIn.ownTitle, page: OwnLoginPage },
];

const finderOf = (advertiser: string): Finder => ({
  hint: say.advertiser.searchHint,
  all: async () => {
    const { audiences } = await ask<{ audiences: AudienceView[] }>("GET", `${apiOf(advertiser)}/audiences`);
    return audiences.map(({ name, audience }) => ({
      name,
      what: say.advertiser.audience,
      path: `/audiences/${audience}`,
    }));
  },
});

export function AdvertiserPages({ advertiser, login, ...visit }: Visit & { advertiser: string; login: string }) {
  const finder = useMemo(() => finderOf(advertiser), [advertiser]);
  return (
    <Whose.Provider value={advertiser}>
      <Frame {...visit} who={`${advertiser} · ${login}`} places={PLACES} finder={finder} />
    </Whose.Provider>
  );
}
