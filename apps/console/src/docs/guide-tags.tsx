import { C, Facts, H, P } from './prose';
import { Sample } from './sample';
import withUsage from './samples/with-usage.txt?raw';

export function TagsGuide() {
  return (
    <>
      <P>Tags say whose cost it is and what it was for. They are written once, at the call, and never guessed later.</P>
      <Facts
        rows={[
          [<C key="1">customer_id</C>, 'Who pays you: your own id of the customer.'],
          [<C key="2">user_id</C>, 'Their end user, your own id.'],
          [<C key="3">workflow</C>, 'What produces an outcome, such as pdf_question.'],
          [<C key="4">feature</C>, 'A part of your product.'],
          [<C key="5">environment</C>, 'production, staging, ...: comes from the API key.'],
          [<C key="6">tags</C>, 'Up to 32 labels of your own: text, number or yes and no.'],
          [<C key="7">prompt_version</C>, 'Beside policy_version and app_version: what was in force.'],
          [<C key="8">request_id</C>, 'Your correlation id. It finds the row from any log line.'],
        ]}
      />
      <P>
        The SDK has the same names in camelCase, in four places. The nearest wins: the call&apos;s own (<C>track</C>), the surrounding <C>withUsage</C>, the <C>run</C>, and what <C>createOutlay</C> was given. Calls outside a run
        take those of <C>wrapOpenAI(client, tags)</C>.
      </P>
      <Sample text={withUsage} language="ts" title="your code" />
      <H>Untagged calls</H>
      <P>
        A call without customer or workflow is recorded all the same and counted as <C>untagged</C> on Overview, with a link to the rows. Its cost is known; only its owner is not. A correction gives it one.
      </P>
      <H>What tags are not for</H>
      <P>Never put prompts, completions or personal text into tags. Outlay has no column for them on purpose.</P>
    </>
  );
}
