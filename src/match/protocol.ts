/** What is said between the matcher and its worker: columns only, their buffers handed over. */

/** With what the worker starts: the ads key's file, and no other key. */
export interface MatcherStart extends KeyFile {
  /** While a rotation is unfinished: the key that older stored tokens were made with. */
  readonly previous?: KeyFile | undefined;
}

/** A key's file, and the check value that it must have. */
export interface KeyFile {
  readonly keyFile: string;
  readonly keyName: string;
  readonly keyCheck: string;
}

export type Request =
  | {
      readonly op: "tokenise";
      readonly digests: Uint8Array;
      readonly kinds: Uint8Array;
      readonly ordinals: Uint32Array;
      /** Schemes whose form each digest is of. */
      readonly schemes: Uint8Array;
    }
  | {
      readonly op: "insert";
      readonly tokens: Uint8Array;
      readonly ordinals: Uint32Array;
      readonly marks: Uint8Array;
      readonly kinds: Uint8Array;
      /** Tokens of a store that is being re-keyed, made with the previous key. */
      readonly isPrevious?: boolean;
      /** Only into the index that is being built for the next key. */
      readonly isRebuild?: boolean;
    }
  | { readonly op: "drop"; readonly ordinals: Uint32Array; readonly tags: Uint16Array }
  | { readonly op: "match"; readonly digests: Uint8Array; readonly kinds: Uint8Array; readonly schemes: number }
  | { readonly op: "size" }
  | { readonly op: "ordinals" }
  | { readonly op: "sections" }
  | { readonly op: "restore"; readonly tokens: Uint32Array; readonly ordinals: Uint32Array; readonly marks: Uint8Array }
  | ({ readonly op: "rotate-begin" } & KeyFile)
  | { readonly op: "rekey"; readonly tokens: Uint8Array }
  | { readonly op: "rotate-end" };

export interface Sections {
  readonly tokens: Uint32Array;
  readonly ordinals: Uint32Array;
  readonly marks: Uint8Array;
}

export interface Answers {
  tokenise: { tokens: Uint8Array; known: Uint8Array };
  insert: null;
  drop: null;
  match: Uint32Array;
  size: number;
  ordinals: Uint32Array;
  sections: Sections;
  restore: null;
  "rotate-begin": null;
  rekey: Uint8Array;
  "rotate-end": null;
}

export type Op = Request["op"];

export interface Envelope {
  readonly id: number;
  readonly request: Request;
}

export type Reply =
  | { readonly id: number; readonly answer: Answers[Op] }
  | { readonly id: number; readonly failure: { readonly name: string; readonly message: string } };
