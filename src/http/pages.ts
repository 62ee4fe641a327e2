/**
 * Pages: the console's files as the build made them, and what browsers are told of every answer.
 *
 * No script and no style runs but those files: nothing inline, nothing from elsewhere (Content Security Policy level 3).
 */
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Where the build puts the console. */
const FOLDER = fileURLToPath(new URL("../web", import.meta.url));
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");
const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "publickey-credentials-get=(self), publickey-credentials-create=(self)",
} as const;
/** Files that are named by what is in them. */
const FOR_GOOD = /-[0-9A-Z]{8}\.(?:js|css|wasm)$/;

export async function servePages(server: FastifyInstance): Promise<void> {
  server.addHook("onRequest", async (_, reply) => {
    reply.headers(HEADERS);
  });
  await server.register(fastifyStatic, {
    root: FOLDER,
    preCompressed: true,
    allowedPath: (path) => /^\/?(?:index\.html|[\w-]+\.(?:js|css|wasm|svg|webmanifest))?$/.test(path),
    cacheControl: false,
    setHeaders: (reply, path) => {
      const kept = FOR_GOOD.test(path.replace(/\.(?:br|gz)$/, ""));
      reply.header("cache-control", kept ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}

/** Whether a browser asks for one of the console's pages: they are one file, and the address is for its script. */
export function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  return method === "GET" && !/^\/(?:v1|tlog)\//.test(url) && (headers.accept ?? "").includes("text/html");
}
