/** postject has no types of its own; these are the parts in use. */
declare module 'postject' {
  export function inject(
    file: string,
    resourceName: string,
    resource: Uint8Array,
    options?: { sentinelFuse?: string; machoSegmentName?: string },
  ): Promise<void>;
}
