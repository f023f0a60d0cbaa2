import { Link } from '@tanstack/react-router';
import { TEXT_LINK } from '../account/account-layout';
import { PathPicture } from './path-picture';
import { C, Facts, H, List, P } from './prose';

export function ConceptsGuide() {
  return (
    <>
      <P>Users buy outcomes, owners track economics. Everything below follows from that: a customer sees an answer, you see what the answer took.</P>
      <H>The path of one call</H>
      <PathPicture />
      <P>
        Tags say whose cost a call is. Caps in the SDK stop a context that is too large and warn when a day has become dear. The route is your own order of models. What the provider says about usage is logged as it is, and
        priced by the price book. Caps that the server enforces, and billing of your customers, come later; today Outlay measures and proves.
      </P>
      <H>Run, call, outcome</H>
      <Facts
        rows={[
          ['Run', 'One execution of a workflow, for instance one question asked. It has one or more calls and ends with one outcome.'],
          ['Call', 'One request to a model provider. Each attempt is a call of its own: a retry asks the same model again, a fallback another one.'],
          ['Outcome', 'What the run was good for: usable or unusable, with a number of units. A run that never says is unknown once its time is over.'],
          ['Workflow', 'What produces an outcome, such as pdf_question. It has a name for its unit and a target for its cost.'],
        ]}
      />
      <P>
        Cost per usable outcome is all that was spent in a span, failures and retries with it, divided by the usable outcomes of that span. That is why a workflow whose calls are cheap can still be dear.
      </P>
      <H>Where money leaks</H>
      <Facts
        rows={[
          ['Retry spend', 'What retries cost, over the whole cost: the same model, asked once more.'],
          ['Fallback spend', 'What fallbacks cost, over the whole cost: another model, asked instead of the one that failed.'],
          ['Failed-run spend', 'What all calls of the runs cost that ended unusable, counted when the run ended. A call that failed in a run that ended well is not in it.'],
          ['State', 'What Overview says of a workflow: leaking, context spike, soft cap, needs review, profitable or ok, with the reason and the rows behind it. The rules and their thresholds stand on the page, under “How it is decided”.'],
        ]}
      />
      <H>Cost basis</H>
      <P>
        How a row got its cost. <C>priced</C>: by our price of each class. <C>estimated</C>: somebody counted, not the provider. <C>provider_reported</C>: we know no price, but the provider said what it cost. <C>unpriced</C>: nobody
        knows yet; the row waits in the quarantine, and no sum takes it for zero. More in{' '}
        <Link to="/docs/$guide" params={{ guide: 'prices' }} className={TEXT_LINK}>prices</Link>.
      </P>
      <H>Two times</H>
      <List>
        <li>
          <C>occurred_at</C> says when the request began. It decides the price and the day that a cost belongs to.
        </li>
        <li>
          <C>recorded_at</C> says when the ledger took it. Rows may arrive late; those after the late window are marked.
        </li>
      </List>
      <H>Corrections</H>
      <P>
        Nothing is edited. A correction is a pair of new rows: one takes the old state back, one states the right one. Every sum is right at any moment, and history stays readable.
      </P>
      <H>Cuts</H>
      <P>
        The ledger never stands still, so a report needs an edge. A cut is a position of every writer at once: the rows at or below it are an exact set that never gains or loses one. Each export names its cut, and the same
        cut gives the same bytes years later.
      </P>
      <H>Rollups</H>
      <P>
        Screens read sums by quarter of an hour that are written in the same transaction as the rows, so a figure is as fresh as the last commit. Exports and CSV are always computed from the rows. The trial balance proves on live data
        that both agree.
      </P>
    </>
  );
}
