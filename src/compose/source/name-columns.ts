import { textSizeBytes } from '../../domain/item-size.ts';
import { headerNames } from '../../input/columns/column-names.ts';
import type { ImportOptions } from '../../options/import-options.ts';

/** Names of the source's columns, as they may be shown and stored. */
export type NamedColumns = {
  readonly names: readonly string[];
  /** Bytes of each name in the source, where `names` only stand for them. */
  readonly nameBytes?: readonly number[];
  /** A clause for the operator. */
  readonly note?: string;
};

/**
 * The names that the first row gives. Nothing but a key shows that it is a header, and a row of data may hold a token:
 * where a rehearsal has neither a key nor a flag that names a column, `column 1` and so on stand for the names.
 * Throws ImportError `header-invalid`.
 */
export function nameColumns(
  header: readonly string[],
  options: ImportOptions,
  defined: { readonly hasKey: boolean; readonly names: readonly string[] },
): NamedColumns {
  const { names, note } = headerNames(header);
  if (isKnownHeader(names, options, defined)) return { names, ...(note !== undefined && { note }) };
  return {
    names: names.map((_, index) => `column ${index + 1}`),
    nameBytes: names.map(textSizeBytes),
    note: 'the first row is read as the header, and its names are shown once --header or --key confirms them',
  };
}

function isKnownHeader(
  names: readonly string[],
  { repository, header, key, types, rename, omit, ifExists }: ImportOptions,
  defined: { readonly hasKey: boolean; readonly names: readonly string[] },
): boolean {
  // Elsewhere a key is looked for among the names, and a repository of the caller's own is to get them.
  if (repository !== 'memory' || key !== undefined || defined.hasKey) return true;
  if (header === true || names.every((name) => defined.names.includes(name))) return true;
  const told = [...Object.keys(types), ...Object.keys(rename), ...omit];
  if (ifExists.kind === 'newer') told.push(ifExists.column);
  return told.some((name) => names.includes(name));
}
