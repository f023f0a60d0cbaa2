import { Link } from '@tanstack/react-router';
import { C, Facts, H, List, P } from './prose';
import { Sample } from './sample';
import price from './samples/price.txt?raw';

const LINK = 'font-medium text-accent underline-offset-4 hover:underline';

export function PricesGuide() {
  return (
    <>
      <P>
        A call is priced the moment it is recorded: by the model, tier, region and context size that were served, not those that were asked for, and by the price that held when the call happened. The drawer of each row
        shows the arithmetic line by line.
      </P>
      <H>The price book</H>
      <List>
        <li>It comes with Outlay: the catalogue of genai-prices with its history, and an overlay of service tiers and regions, each row with its source and date.</li>
        <li>Rows are never edited. A price that changes is a new row with the day from which it holds; an upgrade adds rows and shows the difference.</li>
        <li>Amounts are exact: a row&apos;s cost is the rational sum of its lines, rounded once, half to even, to a millionth of a millionth of a dollar.</li>
      </List>
      <H>What is priced</H>
      <P>
        The provider&apos;s usage object is read into classes that never overlap: uncached input, cache reads and writes by time to live, audio, images, visible output, reasoning. Their sum equals the provider&apos;s own
        total. A field that we do not know is kept and flagged, never ignored. Cost that is not a model&apos;s (retrieval, OCR, tools) goes into <C>extras</C> with its own <C>cost</C>.
      </P>
      <H>Cost basis</H>
      <Facts
        rows={[
          [<C key="p">priced</C>, 'Our price of each class. A call that failed without usage costs nothing and is priced too.'],
          [<C key="u">unpriced</C>, 'The price book does not know the model, the tier or a class. Recorded, and never taken for zero.'],
          [<C key="e">estimated</C>, 'The sender counted, for instance a stream that was left early. For caps and alerts, not for money.'],
          [<C key="r">provider_reported</C>, 'We have no price, but the provider said what it cost (provider_cost).'],
        ]}
      />
      <H>Unpriced calls</H>
      <P>
        They are counted on Overview, with a link to{' '}
        <Link to="/ledger" search={{ costBasis: 'unpriced', range: '90d' }} className={LINK}>
          their rows
        </Link>
        ; the drawer says what was missing. Until there is a price, limits count them at a ceiling: each class at the highest current rate of that provider, else of all.
      </P>
      <List>
        <li>
          A misspelt or private model name: correct the row&apos;s <C>model_served</C>, and it is priced at once.
        </li>
        <li>
          A model newer than your Outlay: upgrade. The rows are found and priced by themselves; Quarantine shows what it did. Switch that off there, and it prepares the preview and waits for you.
        </li>
        <li>
          A model or a tier that no list has: add its price in Prices. Or send <C>provider_cost</C> with the call, or its cost in <C>extras</C>.
        </li>
      </List>
      <H>Your own prices</H>
      <List>
        <li>
          A contract&apos;s price stands before the list price, for your team only, from its day on. Add it in{' '}
          <Link to="/prices" search={{}} className={LINK}>
            Prices
          </Link>
          : the form begins with what holds, because a class that is left out would go unpriced.
        </li>
        <li>A change beyond ten times, up or down, waits: another owner, admin or finance member approves it by its factor. Where there is no other, you type the model&apos;s name.</li>
        <li>No price is ever negative, and every change stands in the audit log.</li>
      </List>
      <H>Pricing the past again</H>
      <P>
        A new price holds for new calls. For calls of the past plan a re-pricing, in Prices or{' '}
        <Link to="/quarantine" className={LINK}>
          Quarantine
        </Link>
        : it previews in dollars, by model and workflow, and changes nothing until you start it. It writes corrections, never updates; it survives a restart, can be cancelled, and leaves alone what somebody corrected
        meanwhile.
      </P>
      <H>Ask the price book</H>
      <P>
        <C>outlay price</C> reads one JSON object a line and answers one a line, without any database. <C>at</C> prices at a moment of your choice.
      </P>
      <Sample text={price} language="shell" title="Terminal, in the folder of Outlay" />
    </>
  );
}
