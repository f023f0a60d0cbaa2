import { formatCount } from '../ui/format-number';

/** What the page says of a reason that was found in a sample; null where every call was looked at. */
export function sampleText({ rows, lookedAt }: { readonly rows: number; readonly lookedAt: number }): string | null {
  return lookedAt === 0 || lookedAt >= rows ? null : `Found in all ${formatCount(lookedAt)} that were looked at, of ${formatCount(rows)}.`;
}
