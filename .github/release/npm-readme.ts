/** What the manifest says once the release has filled it in. */
export type PublishedManifest = { readonly version: string; readonly repository?: { readonly url: string } };

/**
 * The README as it stands on npm's page, where a link cannot be relative: files are those of the release's tag. Unchanged
 * where no repository is named, as in a package for oneself.
 */
export function npmReadme(readme: string, { version, repository }: PublishedManifest): string {
  if (repository === undefined) return readme;
  const site = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  const tag = `v${version}`;
  return readme
    .replaceAll(/(!?)(\[[^\]]*\])\((?![a-z]+:|#)([^)\s]+)\)/g, (_, image: string, text: string, target: string) => {
      const url = new URL(target, `${site}/${image === '' ? 'blob' : 'raw'}/${tag}/README.md`);
      return `${image}${text}(${url.href})`;
    })
    .replaceAll(/ghcr\.io\/OWNER\/import-tokens:v[\d.]+/g, `ghcr.io${new URL(site).pathname}:${tag}`);
}
