import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Sample } from '../docs/sample';
import firstEvent from '../docs/samples/wrap-openai.txt?raw';
import selfHost from '../docs/samples/self-host.txt?raw';
import { buttonClass } from '../ui/button';
import { brand } from '../ui/brand';
import { usePageTitle } from '../ui/page';
import { Comparison } from './comparison';
import { nameProduct } from './name-product';
import { PublicFrame } from './public-frame';
import { ThemePicture } from './theme-picture';
import { ANSWERS, FAILURES, PICTURES, STEPS } from './welcome-words';

/** What this is, for who is not signed in. It claims what exists today and nothing else. */
export function WelcomePage() {
  usePageTitle('Know what every outcome costs');
  return (
    <PublicFrame>
      <section className="mx-auto max-w-6xl px-4 pt-12 sm:px-6 sm:pt-20">
        <h1 className="max-w-3xl text-3xl font-semibold text-ink sm:text-[2.75rem] sm:leading-[1.1] sm:tracking-[-0.03em]">Know what every outcome of your AI product costs.</h1>
        <p className="mt-5 max-w-2xl text-md text-ink-2 sm:text-lg sm:leading-7">
          Users buy outcomes: a report, an answer, a closed ticket. You pay for tokens, retries and failures. {brand.name} is the self-hosted ledger in between: it prices every model call to the last digit and shows what stands behind
          each outcome.
        </p>
        <div className="mt-7 flex flex-wrap gap-3">
          <Link to="/sign-up" search={{}} className={buttonClass('primary', 'lg')}>
            Create a team
          </Link>
          <Link to="/docs" className={buttonClass('secondary', 'lg')}>
            Read the docs
          </Link>
        </div>
        <figure className="mt-10 overflow-hidden rounded-xl border border-line-strong shadow-3 sm:mt-14">
          <ThemePicture {...PICTURES[0]} first />
        </figure>
        <p className="mt-3 text-center text-xs text-ink-3">{brand.name} itself, with eight weeks of made-up history.</p>
      </section>

      <Section title="AI billing fails quietly before it fails loudly" text="Outlier users, growing prompts and second tries are paid for long before a dashboard shows them.">
        <ul className="grid gap-4 md:grid-cols-3">
          {FAILURES.map(({ title, text, answer }) => (
            <li key={title} className="flex flex-col rounded-lg border border-line bg-surface p-5">
              <h3 className="text-base font-semibold text-ink">{title}</h3>
              <p className="mt-1.5 text-base text-ink-2">{text}</p>
              <p className="mt-4 border-t border-dashed border-line-strong pt-4 text-base text-ink">{answer}</p>
            </li>
          ))}
        </ul>
      </Section>

      <Section title="The path of every call" text="One boundary around your model calls, five steps. Call sites keep the official clients; streams are not delayed.">
        <ol className="grid gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-5">
          {STEPS.map(({ name, text }, index) => (
            <li key={name} className="bg-surface p-4">
              <p className="flex items-baseline gap-2 text-base font-semibold text-ink">
                <span className="text-xs font-medium text-ink-3 tabular-nums">{index + 1}</span>
                {name}
              </p>
              <p className="mt-1.5 text-sm text-ink-2">{text}</p>
            </li>
          ))}
        </ol>
        <p className="mt-4 max-w-3xl text-base text-ink-3">
          Not here yet, and not claimed: limits that the server enforces before a call, alerts on cost spikes, customer plans, and billing through Stripe. They come later, on the same ledger.
        </p>
      </Section>

      <Section title="Questions it answers from the screen">
        <div className="space-y-10">
          {PICTURES.slice(1).map(({ title, text, ...picture }) => (
            <figure key={picture.name} className="grid items-center gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)] lg:gap-10">
              <figcaption>
                <h3 className="text-lg font-semibold text-ink">{title}</h3>
                <p className="mt-2 text-base text-ink-2">{text}</p>
              </figcaption>
              <div className="overflow-hidden rounded-lg border border-line shadow-2">
                <ThemePicture {...picture} />
              </div>
            </figure>
          ))}
        </div>
      </Section>

      <Section title="The first event in five minutes" text="Create a team, create a key, wrap the client that you have. The SDK comes from this server, so that the two always fit.">
        <div className="grid gap-4 lg:grid-cols-2">
          <Sample text={firstEvent} language="ts" title="ask.mjs" />
          <ul className="space-y-3 text-base text-ink-2">
            {ANSWERS.map(({ title, text }) => (
              <li key={title}>
                <span className="font-medium text-ink">{title}</span> {nameProduct(text)}
              </li>
            ))}
          </ul>
        </div>
      </Section>

      <Section title="Where it stands among what you have" text={`Not everything needs ${brand.name}. Here is what each is better at.`}>
        <Comparison />
      </Section>

      <Section title="Self-hosted in one command" text="Node 20.19 or newer is all it needs: a PostgreSQL of its own starts with it. Your own Postgres, Redis and a compose file are there when one process is no longer enough.">
        <div className="grid items-start gap-6 lg:grid-cols-2">
          <Sample text={selfHost} language="shell" title="Terminal" />
          <div className="text-base text-ink-2">
            <h3 className="text-base font-semibold text-ink">Apache-2.0, nothing locked</h3>
            <p className="mt-1.5">
              The whole product is in the repository: no paid edition, no licence key, no seat count, no call home. Run it, change it, put your own name on it, hand it to a client. The licence asks you to keep its notice, and gives no
              warranty.
            </p>
          </div>
        </div>
        <div className="mt-8 flex flex-wrap gap-3">
          <Link to="/docs/$guide" params={{ guide: 'self-hosting' }} className={buttonClass('secondary', 'lg')}>
            How to run it
          </Link>
          <Link to="/docs/$guide" params={{ guide: 'security' }} className={buttonClass('ghost', 'lg')}>
            What is stored, and what never
          </Link>
        </div>
      </Section>
    </PublicFrame>
  );
}

function Section({ title, text, children }: { readonly title: string; readonly text?: string; readonly children: ReactNode }) {
  return (
    <section className="mx-auto max-w-6xl px-4 pt-16 last:pb-20 sm:px-6 sm:pt-24">
      <h2 className="text-2xl font-semibold text-ink">{title}</h2>
      {text ? <p className="mt-2 max-w-2xl text-md text-ink-2">{text}</p> : null}
      <div className="mt-7">{children}</div>
    </section>
  );
}
