import { cx } from '../ui/cx';
import { nameProduct } from './name-product';

const COLUMNS = ['A provider’s dashboard', 'A spreadsheet', 'A tracing tool', 'Outlay'] as const;

/** Kinds of tools, not names: what holds for a kind does not change with each release. */
const ROWS: readonly { readonly what: string; readonly cells: readonly [string, string, string, string] }[] = [
  { what: 'What it is about', cells: ['Your bill with them', 'Whatever you put in', 'What a call said and did', 'What an outcome cost'] },
  { what: 'Several providers in one figure', cells: ['No', 'By hand', 'Yes', 'Yes'] },
  { what: 'Cost of a usable outcome', cells: ['No', 'If you join it yourself', 'Rarely', 'Yes, that is the unit'] },
  { what: 'Prices of the day a call was made', cells: ['Their own', 'If you keep them', 'Often today’s list', 'Kept by version, also negotiated ones'] },
  { what: 'A figure that can be replayed', cells: ['No', 'No', 'Seldom', 'Yes, to the byte, at a named cut'] },
  { what: 'Prompts, answers, evaluations', cells: ['Some', 'No', 'Yes, that is what it is for', 'No: none is ever stored'] },
  { what: 'The invoice that you really get', cells: ['Yes', 'Typed in', 'No', 'No: our price of each call, to hold against it'] },
  { what: 'Limits before the call', cells: ['Per account', 'No', 'Some', 'In the SDK only; a server’s gate comes later'] },
  { what: 'Somebody else runs it for you', cells: ['Yes', 'Yes', 'Mostly', 'No: you host it'] },
];

/** What each kind is better at, theirs as much as ours. */
export function Comparison() {
  return (
    <div tabIndex={0} role="region" aria-label="Comparison" className="scroll-thin relative overflow-x-auto rounded-lg border border-line bg-surface">
      <table className="w-full min-w-[46rem] text-sm">
        <caption className="sr-only">{nameProduct('Outlay beside other ways of knowing what AI costs')}</caption>
        <thead>
          <tr className="border-b border-line text-left">
            <td className="w-48" />
            {COLUMNS.map((column, index) => (
              <th key={column} scope="col" className={cx('px-4 py-3 align-bottom text-sm font-semibold', index === 3 ? 'bg-accent-soft text-ink' : 'text-ink-2')}>
                {nameProduct(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {ROWS.map(({ what, cells }) => (
            <tr key={what}>
              <th scope="row" className="px-4 py-2.5 text-left align-top font-medium text-ink">
                {what}
              </th>
              {cells.map((cell, index) => (
                <td key={index} className={cx('px-4 py-2.5 align-top', index === 3 ? 'bg-accent-soft text-ink' : 'text-ink-2')}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
