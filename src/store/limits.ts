/**
 * Every limit of the store, with its unit in the name. Sizes protect memory, times protect the caller from
 * waiting for a server that will never answer. docs/operations.md tells an operator what each one means.
 */

/** Largest body of one leaf, fact or token row. A COPY message may hold 1 GiB; four of these must fit in memory. */
export const BODY_LIMIT_BYTES = 256 * 1024 * 1024;
/** Most entries (leaves) that one append may hold. */
export const APPEND_LIMIT_ENTRIES = 1 << 20;
/** Most facts, and most tokens, under one leaf. */
export const PARTS_LIMIT = 1 << 20;
/** Most token rows that one rewrite may hold. */
export const REWRITE_LIMIT_ROWS = 1 << 20;
/** Largest body of one chunk of the vault: 256 of the longest values, and what is beside them. */
export const CHUNK_LIMIT_BYTES = 128 * 1024;
/** Longest wrapped data key. */
export const WRAPPED_LIMIT_BYTES = 1024;
/** Largest head of a backup, and largest piece of a table in it. */
export const BACKUP_LIMIT_HEAD_BYTES = 1024 * 1024;
export const BACKUP_LIMIT_FRAME_BYTES = 512 * 1024 * 1024;
/** Most columns in one columnar body. */
export const COLUMNS_LIMIT = 1024;
/** Most sections in one snapshot. */
export const SNAPSHOT_LIMIT_SECTIONS = 4096;
/** Longest name of a snapshot or of a section in it, in bytes of UTF-8. */
export const SNAPSHOT_LIMIT_NAME_BYTES = 200;

/** How long a server may take to start and to recover from a crash before we give up. */
export const START_LIMIT_MS = 180_000;
/** How long a running server may leave every connection unanswered before it counts as hung. */
export const SILENCE_LIMIT_MS = 15_000;
/** How long one attempt to connect may take. */
export const CONNECT_LIMIT_MS = 5_000;
/** How long an orderly stop (with its checkpoint) may take before the server is stopped the hard way. */
export const STOP_LIMIT_MS = 60_000;
/** How long a compaction, and with it whoever writes, waits for who reads a table that is to be rewritten. */
export const COMPACTION_LOCK_LIMIT_MS = 2_000;
/** How long to wait for a lock whose holder is already dead (its session ends when its socket closes). */
export const DEAD_WRITER_LIMIT_MS = 5_000;
/** Most attempts to start a server that exits at once. */
export const START_LIMIT_ATTEMPTS = 3;
/** Longest path of a Unix socket, in bytes; the smallest of the systems that we run on takes 103. */
export const SOCKET_PATH_LIMIT_BYTES = 100;
/** The server's log is set aside at start once it is longer than this. */
export const LOG_LIMIT_BYTES = 1024 * 1024;
/** Less room than this on the data folder's disk explains a server that stopped without a word. */
export const DISK_FULL_BYTES = 32 * 1024 * 1024;
