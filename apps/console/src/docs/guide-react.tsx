import { C, Facts, H, List, P } from './prose';
import { Sample } from './sample';
import panel from './samples/react-panel.txt?raw';
import route from './samples/react-route.txt?raw';
import { SDK_OPTIONS } from './sdk-reference';

export function ReactGuide() {
  return (
    <>
      <P>
        A chat that knows its plan, in two files. The route asks the gate, streams the answer and counts it; the hook shows the words, what is left, and why something stopped. React 18 and 19, Next.js, Hono, and whatever else hands a
        route a web-standard <C>Request</C>.
      </P>
      <H>The routes</H>
      <P>
        One call each. <C>customer</C> is needed: it says who pays, from your own session. A browser that names another customer is answered 403. <C>streamAnthropicRoute</C> takes the same options; instead of <C>apiKey</C> both take a{' '}
        <C>client</C>, or what <C>createOutlay</C> has under <C>providers</C>.
      </P>
      <Sample text={route} language="ts" title="your server" />
      <H>The panel</H>
      <Sample text={panel} language="ts" title="your page" />
      <H>What reaches a browser</H>
      <List>
        <li>Units, credits and sentences in words for a customer. Never cost, never a cap of yours, and tokens only where the plan sells tokens.</li>
        <li>
          No API key. <C>createCustomerToken</C> makes a token that names one customer, lives for an hour at most, and opens <C>usageRoute</C> alone. A forged or expired one is answered 401; a new API key ends them all.
        </li>
        <li>A gate that shows or hides a part of a page is a courtesy. What decides is the gate, on the server, with every run.</li>
      </List>
      <H>While an answer streams</H>
      <List>
        <li>
          The run holds a first step of output, 512 tokens, and asks for the next before it is used. When that is denied the answer ends there: what came is kept and recorded, <C>denied</C> says why, and the run counts as unusable.
        </li>
        <li>Output is counted as it comes, by four bytes a token, thinking included where the provider shows it; the ledger gets the provider’s own figure at the end. Usage reaches the hook at least each second.</li>
        <li>Tools that the plan does not have are left out of the request; with onRefusedTool: 'refuse' the message is denied instead. What the model calls comes back in toolCalls of its message; running it is yours.</li>
        <li>A person who stops or leaves stops the provider. What came is billed by the provider and recorded; the run counts as usable when there was output, else stopping at the last word would make every answer free. usable says otherwise.</li>
      </List>
      <H>streamOpenAIRoute, streamAnthropicRoute</H>
      <Options of="ChatRouteOptions" />
      <H>useChatWithUsage</H>
      <P>
        Answers <C>messages</C>, <C>input</C>, <C>setInput</C>, <C>handleSubmit</C>, <C>send</C>, <C>isLoading</C>, <C>stop</C> and <C>clear</C>, and <C>usage</C>, <C>warning</C>, <C>denied</C>, <C>error</C> and <C>refusedTools</C>. A
        message that was denied goes back into the input.
      </P>
      <Options of="ChatOptions" />
      <H>useUsage, useEntitlements</H>
      <P>
        Take <C>api</C>, <C>token</C> (or a function that fetches one, asked again when it has expired) and <C>refreshMs</C>. They read again when the page is seen again, and on <C>refresh</C>. <C>can(feature)</C> of useEntitlements is the
        question that PlanGate asks.
      </P>
      <H>How it looks</H>
      <P>
        No stylesheet is needed. The components take the colours of the text around them, so light and dark pages both fit, and read these variables where you set them; class names (<C>outlay-meter</C>, <C>outlay-prompt</C>) and{' '}
        <C>data-state</C> are there for the rest.
      </P>
      <Facts
        rows={[
          [<C key="a">--outlay-accent</C>, 'Bars and buttons; --outlay-on-accent is the text on them.'],
          [<C key="w">--outlay-warn</C>, 'Nearly used; above what is included.'],
          [<C key="s">--outlay-stop</C>, 'Used up; denied.'],
          [<C key="t">--outlay-track</C>, 'What of a bar is not filled.'],
          [<C key="b">--outlay-border</C>, 'Edges; --outlay-surface the ground, --outlay-radius the corners, --outlay-muted the lesser words.'],
        ]}
      />
      <H>The stream</H>
      <P>Server-sent events, each with a name and one line of JSON, for clients of your own. A refusal is JSON with the status of the decision instead.</P>
      <Facts
        rows={[
          [<C key="b">begin</C>, 'run_id, refused_tools. Once, first.'],
          [<C key="u">usage</C>, 'As usageRoute answers. Within the first words, then at least each second, and once more behind the end.'],
          [<C key="t">text</C>, 'text: a piece of the answer.'],
          [<C key="o">tool</C>, 'id, name, arguments: a piece of a tool call; the arguments of one id add up.'],
          [<C key="w">warning</C>, 'message: a soft limit is near or passed.'],
          [<C key="e">end</C>, 'how (completed, length, tools, denied, failed), denied, error. Once. A stream without it was cut on its way.'],
        ]}
      />
    </>
  );
}

function Options({ of }: { readonly of: 'ChatRouteOptions' | 'ChatOptions' }) {
  return <Facts rows={SDK_OPTIONS[of].map(({ name, meaning }) => [<C key={name}>{name}</C>, meaning])} />;
}
