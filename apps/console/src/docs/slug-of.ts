/** The address of a heading within its page: `What counts as usable` -> `what-counts-as-usable`. */
export function slugOf(words: string): string {
  return words.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}
