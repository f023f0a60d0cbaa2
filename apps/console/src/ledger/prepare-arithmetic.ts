import { addRational, formatRational, parseDecimal, toPico, ZERO } from '@outlay/kernel';
import { readPico } from '../ui/format-money';

export interface PriceLine {
  readonly class: string;
  readonly quantity: string;
  readonly unitPrice: string;
  /** Exact US dollars as a decimal string. */
  readonly amount: string;
  readonly words: string;
}

export interface Arithmetic {
  readonly lines: readonly { readonly key: string; readonly words: string; readonly amount: string }[];
  /** The exact sum, before the one rounding to a pico-dollar; null when a line has no amount. */
  readonly exactSum: string | null;
  /** The sum needed rounding to be stored. */
  readonly rounded: boolean;
  /** The stored cost is the sum, rounded half-even. False would be a fault of the ledger and is shown as such. */
  readonly balances: boolean;
}

/** Checks the sum again in the browser, so that what the drawer says is never just repeated. */
export function prepareArithmetic(lines: readonly PriceLine[], costPico: string | null, sign: number): Arithmetic {
  const amounts = lines.map((line) => parseDecimal(line.amount));
  const known = amounts.filter((amount) => amount !== null);
  const sum = known.length === lines.length ? known.reduce((total, amount) => addRational(total, amount), ZERO) : null;
  const stored = readPico(costPico);
  const restated = sum === null ? null : toPico(sum);
  const size = stored === null ? null : stored * BigInt(sign < 0 ? -1 : 1);
  return {
    lines: lines.map((line, index) => ({ key: `${line.class}-${index}`, words: withoutAmount(line), amount: amounts[index] ? formatAmount(line.amount) : '–' })),
    exactSum: sum === null ? null : `$${formatRational(sum)}`,
    rounded: sum !== null && (sum.num * 1_000_000_000_000n) % sum.den !== 0n,
    balances: restated !== null && (restated === stored || restated === size),
  };
}

/** The server's sentence ends with the amount, which has a column of its own here. */
function withoutAmount({ words, amount }: PriceLine): string {
  const end = ` = $${amount}`;
  return words.endsWith(end) ? words.slice(0, -end.length) : words;
}

function formatAmount(amount: string): string {
  const value = parseDecimal(amount);
  if (!value) return '–';
  const text = formatRational(value);
  return text.startsWith('-') ? `-$${text.slice(1)}` : `$${text}`;
}
