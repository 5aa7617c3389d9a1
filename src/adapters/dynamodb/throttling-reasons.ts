import type { ThrottleCause } from '../../domain/write-result.ts';

type Reason = { readonly reason?: unknown; readonly resource?: unknown };

/** Codes of the service's ThrottlingReasons, each once, with the index where one is meant. */
export function throttlingReasonTexts(reasons: unknown): string[] {
  const texts = new Set<string>();
  for (const { code, index } of read(reasons)) texts.add(index === undefined ? code : `${code} (index "${index}")`);
  return [...texts];
}

/** The limits that those codes name, each once; codes that are not known are left out. */
export function throttleCauses(reasons: unknown): ThrottleCause[] {
  const causes = new Map<string, ThrottleCause>();
  for (const { code, index } of read(reasons)) {
    const limit = limits.find(([pattern]) => pattern.test(code))?.[1];
    if (limit !== undefined) causes.set(`${limit} ${index}`, { limit, ...(index !== undefined && { index }) });
  }
  return [...causes.values()];
}

/** `TableWriteProvisionedThroughputExceeded`, `IndexWriteKeyRangeThroughputExceeded` and so on. */
const limits: readonly (readonly [RegExp, ThrottleCause['limit']])[] = [
  [/ProvisionedThroughputExceeded$/, 'capacity'],
  [/MaxOnDemandThroughputExceeded$/, 'on-demand-maximum'],
  [/KeyRangeThroughputExceeded$/, 'partition'],
  [/AccountLimitExceeded$/, 'account'],
];

function read(reasons: unknown): { readonly code: string; readonly index: string | undefined }[] {
  if (!Array.isArray(reasons)) return [];
  const told = reasons.filter((one): one is Reason => typeof one === 'object' && one !== null);
  return told.flatMap(({ reason, resource }) => {
    if (typeof reason !== 'string' || !/^\w+$/.test(reason)) return [];
    const index = typeof resource === 'string' ? /\/index\/([\w.-]+)$/.exec(resource)?.[1] : undefined;
    return [{ code: reason, index }];
  });
}
