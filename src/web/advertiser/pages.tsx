/** An advertiser's pages. */
import { say } from "../messages/index.js";
import { Frame, type Place, type Visit } from "../parts/frame.js";
import { OwnLoginPage } from "../sign-in/own-login.js";
import { AudiencesPage } from "./audiences.js";

const PLACES: readonly Place[] = [
  { path: "/", name: say.advertiser.title, page: AudiencesPage },
  { path: "/sign-in", name: say.signIn.ownTitle, page: OwnLoginPage },
];

export function AdvertiserPages({ advertiser, login, ...visit }: Visit & { advertiser: string; login: string }) {
  return <Frame {...visit} who={`${advertiser} · ${login}`} places={PLACES} />;
}
