import { Link } from '@tanstack/react-router';
import { Badge } from '../ui/badge';
import { brand } from '../ui/brand';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { formatCount, formatDuration } from '../ui/format-number';
import { Missing } from '../ui/money';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime } from '../ui/time';
import { prepareVerdict, tookMs, type Proof } from './prepare-balance';

const WIDE_ONLY = 'hidden sm:table-cell';

/** Past proofs, the newest first; a click shows one above. */
export function ProofHistory({ proofs, shownId }: { readonly proofs: readonly Proof[]; readonly shownId: string }) {
  return (
    <Card title="Proofs" flush className="overflow-hidden">
      <div className="scroll-thin relative overflow-x-auto border-t border-line">
        <Table aria-label="Proofs">
          <thead>
            <tr>
              <HeaderCell>When</HeaderCell>
              <HeaderCell>Result</HeaderCell>
              <HeaderCell align="right">Rows</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Took</HeaderCell>
              <HeaderCell className={WIDE_ONLY}>Asked for by</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {proofs.map((proof) => {
              const verdict = prepareVerdict(proof);
              const took = tookMs(proof);
              return (
                <Row key={proof.id} data-testid="proof" className={cx(proof.id === shownId ? 'bg-accent-soft' : 'hover:bg-surface-2')}>
                  <Cell>
                    <Link
                      to="/balance" search={{ proof: proof.id }} resetScroll={false} aria-current={proof.id === shownId ? 'true' : undefined}
                      className="rounded-xs font-medium whitespace-nowrap text-ink underline-offset-4 hover:underline"
                    >
                      <RelativeTime at={proof.requestedAt} />
                    </Link>
                  </Cell>
                  <Cell>
                    <Badge tone={verdict.tone} dot>
                      {verdict.short}
                    </Badge>
                  </Cell>
                  <Cell align="right">{proof.rowsRead > 0 ? formatCount(proof.rowsRead) : <Missing reason="Nothing was read" />}</Cell>
                  <Cell align="right" className={WIDE_ONLY}>{took === null ? <Missing reason="Not finished" /> : formatDuration(took)}</Cell>
                  <Cell className={WIDE_ONLY}>{proof.byItself ? `${brand.name} itself` : proof.requestedBy}</Cell>
                </Row>
              );
            })}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}
