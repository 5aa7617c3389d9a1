import type { Parser } from './parser.ts';
import { unexpected } from './usage-error.ts';

const unitBytes = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
type Unit = keyof typeof unitBytes;

/** Bytes from `65536`, `64KiB`, `4MiB`; `K`, `M` and `G` mean the same as `KiB`, `MiB`, `GiB`. */
export function parseSize(leastBytes: number, mostBytes: number): Parser<number> {
  return (text, flag) => {
    const match = /^(\d+)\s*(?:([KMG])(?:i?B)?)?$/i.exec(text);
    const unit = match?.[2] === undefined ? undefined : (`${match[2].toUpperCase()}iB` as Unit);
    const bytes = match === null ? Number.NaN : Number(match[1]) * (unit === undefined ? 1 : unitBytes[unit]);
    if (!(bytes >= leastBytes && bytes <= mostBytes)) {
      const range = `from ${sizeText(leastBytes)} to ${sizeText(mostBytes)}`;
      throw unexpected(flag, `a size in bytes such as 65536, 64KiB or 4MiB, ${range}`, text);
    }
    return bytes;
  };
}

/** The shortest text that reads back as the same size. */
export function sizeText(bytes: number): string {
  const unit = (['GiB', 'MiB', 'KiB'] as const).find((name) => bytes > 0 && bytes % unitBytes[name] === 0);
  return unit === undefined ? String(bytes) : `${bytes / unitBytes[unit]}${unit}`;
}
