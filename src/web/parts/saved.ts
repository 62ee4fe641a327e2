/** How long a browser may take to begin reading a file that it is handed. */
const KEPT_MS = 60_000;

/** Hands a text to the reader as a file. */
export function saved(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
