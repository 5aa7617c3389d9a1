/** Which rows delete the item with their key. */
export type DeleteWhere = {
  /** A name of the source. */
  readonly column: string;
  readonly test: 'equals' | 'differs' | 'null' | 'not-null';
  /** What `equals` and `differs` compare with; empty otherwise. */
  readonly value: string;
};
