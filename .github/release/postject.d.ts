/** Types of the parts in use, because postject has none. */
declare module 'postject' {
  export function inject(
    file: string,
    resourceName: string,
    resource: Uint8Array,
    options?: { sentinelFuse?: string; machoSegmentName?: string },
  ): Promise<void>;
}
