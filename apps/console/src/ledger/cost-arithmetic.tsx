import { Check, TriangleAlert } from 'lucide-react';
import { formatCount } from '../ui/format-number';
import { formatExactUsd, readPico } from '../ui/format-money';
import type { Detail } from './event-detail';
import { prepareArithmetic } from './prepare-arithmetic';
import { Section } from './section';

/** The cost line by line, in words, summed again here and compared with what the ledger stores. */
export function CostArithmetic({ detail }: { readonly detail: Detail }) {
  const { row, lines, priceVersion } = detail;
  const arithmetic = prepareArithmetic(lines, row.costPico, row.sign);
  const stored = readPico(row.costPico);
  const provider = readPico(row.providerCostPico);
  const note = priceVersion ? `Price ${priceVersion.version}${priceVersion.tier ? `, tier ${priceVersion.tier}` : ''}` : undefined;
  return (
    <Section title={arithmetic.lines.length > 0 ? 'How the cost adds up' : 'What was used'} note={note}>
      {arithmetic.lines.length === 0 ? <NoLines detail={detail} /> : null}
      {arithmetic.lines.length > 0 ? (
        <table className="w-full text-sm" data-testid="cost-lines">
          <caption className="sr-only">Cost lines</caption>
          <tbody>
            {arithmetic.lines.map((line) => (
              <tr key={line.key} className="align-baseline">
                <td className="py-1 pr-6 text-ink-2">{line.words}</td>
                <td className="py-1 text-right whitespace-nowrap text-ink tabular-nums">{line.amount}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr className="align-baseline">
              <th scope="row" className="border-t border-line pt-2 pr-6 text-left font-medium text-ink">
                Sum{arithmetic.rounded ? ', rounded half-even to 12 decimals' : ''}
              </th>
              <td className="border-t border-line pt-2 text-right font-semibold whitespace-nowrap text-ink tabular-nums">{stored === null ? arithmetic.exactSum : formatExactUsd(stored)}</td>
            </tr>
          </tfoot>
        </table>
      ) : null}
      {arithmetic.lines.length > 0 && stored !== null ? <Balance balances={arithmetic.balances} exactSum={arithmetic.exactSum} /> : null}
      {provider !== null ? <p className="mt-2 text-xs text-ink-3">The provider&apos;s own figure: {formatExactUsd(provider)}</p> : null}
    </Section>
  );
}

function Balance({ balances, exactSum }: { readonly balances: boolean; readonly exactSum: string | null }) {
  return balances ? (
    <p className="mt-2 flex items-center gap-1.5 text-xs text-positive">
      <Check className="size-3.5" aria-hidden /> Equals the stored cost, to the last digit
    </p>
  ) : (
    <p role="alert" className="mt-2 flex items-center gap-1.5 text-xs text-danger">
      <TriangleAlert className="size-3.5" aria-hidden /> The lines sum to {exactSum ?? 'nothing readable'}, which is not the stored cost. Run outlay doctor --ledger.
    </p>
  );
}

/** Without lines there is a reason, and the quantities still say what was used. */
function NoLines({ detail }: { readonly detail: Detail }) {
  const quantities = Object.entries(detail.row.quantities).filter(([, count]) => count !== 0);
  if (quantities.length === 0) return <p className="text-sm text-ink-3">The call used no billable quantity.</p>;
  return (
    <ul className="space-y-1 text-sm">
      {quantities.map(([name, count]) => (
        <li key={name} className="flex justify-between gap-6">
          <span className="font-mono text-xs text-ink-2">{name}</span>
          <span className="text-ink tabular-nums">{formatCount(count)}</span>
        </li>
      ))}
    </ul>
  );
}
