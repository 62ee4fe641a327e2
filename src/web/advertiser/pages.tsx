/** An advertiser's pages. */
import { say } from "../messages/index.js";
import { Frame, type Place, type Visit } from "../parts/frame.js";
import { OwnLoginPage } from "../sign-in/own-login.js";
import { AudiencePage } from "./audience.js";
import { AudiencesPage } from "./audiences.js";
import { KeysPage } from "./keys.js";
import { UploadPage } from "./upload.js";
import { Whose } from "./whose.js";

const PLACES: readonly Place[] = [
  { path: "/", name: say.advertiser.title, page: AudiencesPage },
  { path: "/upload", name: say.advertiser.upload, page: UploadPage },
  { path: "/audiences/:id", name: say.advertiser.title, page: AudiencePage, isWithin: true },
  { path: "/keys", name: say.keys.title, page: KeysPage },
  { path: "/sign-in", name: say.signIn.ownTitle, page: OwnLoginPage },
];

export function AdvertiserPages({ advertiser, login, ...visit }: Visit & { advertiser: string; login: string }) {
  return (
    <Whose.Provider value={advertiser}>
      <Frame {...visit} who={`${advertiser} · ${login}`} places={PLACES} />
    </Whose.Provider>
  );
}
