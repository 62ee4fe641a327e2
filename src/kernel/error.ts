/** What can go wrong in the kernels: the compiled module or memory is not there, or a caller passed a broken batch. */
export type KernelErrorCode = "module-missing" | "module-foreign" | "batch-malformed" | "memory-short";

export class KernelError extends Error {
  readonly code: KernelErrorCode;

  constructor(code: KernelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "KernelError";
    this.code = code;
  }
}
