/** The manifest once the release has filled it in. */
export type PublishedManifest = { readonly version: string; readonly repository?: { readonly url: string } };

/**
 * The README for npm's page, where links cannot be relative: they lead to the files of the release's tag. Unchanged if the
 * manifest names no repository, as in a local package.
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
