/** What an attempt needs besides its permits, held for it alone: an open connection and valid credentials. */
export type Lease = {
  readonly kind: 'lease';
  /** False once it has lapsed, as where the other side closed the connection meanwhile. */
  readonly holds: boolean;
  /** Gives it back unused. */
  release(): void;
};
