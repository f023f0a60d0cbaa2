import { Sample } from './sample';
import { C, Facts, H, List, P } from './prose';
import simpleBill from './samples/simple-bill.txt?raw';

export function ProvidersGuide() {
  return (
    <>
      <P>
        The ledger knows what your product reported. A provider connection reads the other side: what the provider says was used, and what it bills. With both, a spike on a key that never went through Outlay is seen within
        minutes, and each dollar of the bill is matched to a call, or named as the difference.
      </P>
      <H>What each provider tells</H>
      <Facts
        rows={[
          ['OpenAI', 'Usage by the minute and the hour, costs by day. Admin key.'],
          ['Anthropic', 'Usage by the minute and the hour, costs by day, with the time until which figures are final. Admin API key, or a key with read:analytics.'],
          ['Google', 'Tokens by the minute from Cloud Monitoring, costs from the Cloud Billing export in BigQuery, hours later. Service account.'],
          ['OpenRouter', 'Activity and costs by finished UTC day. Management key.'],
          ['All others', 'A file: a FOCUS export (AWS, Azure and others), or a simple CSV (Mistral, xAI and whoever has a table).'],
        ]}
      />
      <P>
        Keys are sealed with your team&apos;s own data key, opened only while a sync asks the provider, and never shown again. The test button tries everything that a sync will need, stores nothing, and says exactly what is
        missing. Owners and admins connect; everybody in the team reads.
      </P>
      <H>OpenAI</H>
      <List>
        <li>Sign in to platform.openai.com as an owner of the organisation: Settings, Organization, Admin keys, Create.</li>
        <li>The key begins with <C>sk-admin-</C>. A project key calls models, but may not read costs.</li>
      </List>
      <H>Anthropic</H>
      <List>
        <li>Claude Console, Settings, Admin keys: create an Admin API key, <C>sk-ant-admin…</C>. Only organisation admins can.</li>
        <li>Outlay reads the Usage and Cost Analytics API, and by itself the older reports where an organisation has no other.</li>
        <li>The older reports leave out Priority Tier cost and do not count requests.</li>
      </List>
      <H>Google</H>
      <List>
        <li>Billing, Billing export, BigQuery export: switch on the standard usage cost export. The first rows take some hours.</li>
        <li>Create a service account with three roles: BigQuery Job User on the project that runs the query, BigQuery Data Viewer on the dataset of the export, and Monitoring Viewer on each project whose models you use.</li>
        <li>Create a JSON key for it and paste the whole file. The table is <C>project.dataset.gcp_billing_export_v1_…</C>.</li>
        <li>
          A sync reads the days that got new rows, at most every four hours, and never more than 20 GB of the table; the test says how much it is. Costs are net of credits. Other currencies become dollars at the rate that Google
          billed at.
        </li>
        <li>Google tells neither keys nor customers, only projects and models. To watch other projects than that of the key, name them in the wizard, with commas between.</li>
      </List>
      <H>OpenRouter</H>
      <List>
        <li>Settings, Management keys: create one. An ordinary key may not read activity.</li>
        <li>Today appears when the UTC day is over. What runs on your own provider key stands on that provider&apos;s bill; here is only OpenRouter&apos;s fee.</li>
      </List>
      <H>A file</H>
      <P>
        FOCUS 1.x is the common form of cloud bills. Outlay reads <C>ChargePeriodStart</C>, <C>BilledCost</C> (or <C>EffectiveCost</C>), <C>BillingCurrency</C>, <C>ServiceName</C>, <C>SkuId</C>, <C>SkuMeter</C>,{' '}
        <C>ResourceId</C>, <C>SubAccountName</C>, <C>ChargeCategory</C>, <C>ConsumedQuantity</C> and <C>Tags</C>; tags named model, project and api_key say whose cost it is. Other columns do no harm. A bill of a whole cloud can be
        cut down to the services you name.
      </P>
      <P>Everything else fits into a table of at least three columns:</P>
      <Sample text={simpleBill} language="text" title="bill.csv" />
      <List>
        <li>Amounts are US dollars with a point, without currency or thousands. Days are UTC.</li>
        <li>Further columns: provider, key, project, line_item, requests, input_tokens, cached_tokens, output_tokens. A column with another name is refused, as it may be a misspelt one.</li>
        <li>A file is taken whole, or not at all: a mistake is told with its line and column.</li>
        <li>Files with the same name belong together. The same file again changes nothing; a newer one restates the rows that it names. A whole export may replace the days that it has.</li>
      </List>
      <H>When a figure changes</H>
      <P>
        Providers correct what they said. Nothing is overwritten: a correction is a further revision, and the newest holds. What may still change is shown as provisional. Usage times price must be within 20 times of the cost;
        else one of them is in another unit, and the sync stops and says so.
      </P>
      <H>When a sync fails</H>
      <Facts
        rows={[
          ['Key refused, role missing', 'The connection stops and says which. Change the key, or give the role, and test again.'],
          ['Too many requests', 'Outlay waits as long as the provider asks, else longer each time.'],
          ['No answer, error of the provider', 'Tried again by itself, from 30 seconds up to half an hour apart. What was read stays; the next sync goes on behind it.'],
        ]}
      />
    </>
  );
}
