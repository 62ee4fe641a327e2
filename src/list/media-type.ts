/** A list as digests (digest-form.ts). */
export const DIGESTS_TYPE = "application/vnd.solely.digests";
