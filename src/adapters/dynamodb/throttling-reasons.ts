/** Codes of the service's ThrottlingReasons, each once, with the index where one is meant. */
export function throttlingReasonTexts(reasons: unknown): string[] {
  if (!Array.isArray(reasons)) return [];
  const texts = new Set<string>();
  for (const { reason, resource } of reasons as { reason?: unknown; resource?: unknown }[]) {
    if (typeof reason !== 'string' || !/^\w+$/.test(reason)) continue;
    const index = typeof resource === 'string' ? /\/index\/([\w.-]+)$/.exec(resource)?.[1] : undefined;
    texts.add(index === undefined ? reason : `${reason} (index "${index}")`);
  }
  return [...texts];
}
