/** What passes between who plans leaves and the thread that makes them. */
export interface LeafRequest<Planned> {
  readonly id: number;
  readonly planned: Planned;
}

export type LeafReply<Made> =
  | { readonly id: number; readonly made: Made }
  | { readonly id: number; readonly failure: string };
