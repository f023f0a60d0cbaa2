import * as Popover from '@radix-ui/react-popover';
import { CircleHelp } from 'lucide-react';
import { Badge } from '../ui/badge';
import { buttonClass } from '../ui/button';
import { ADVICE_TONES, STATE_TONES, type Advice, type WorkflowState } from './prepare-breakdown';

export interface StateRule {
  readonly state: WorkflowState;
  readonly when: readonly string[];
}

export interface DecisionRule {
  readonly advice: Advice;
  readonly when: readonly string[];
}

/** How states and decisions are made: the server's own rules, in the order in which it asks them. */
export function StateRules({ rules, decisions }: { readonly rules: readonly StateRule[]; readonly decisions: readonly DecisionRule[] }) {
  return (
    <Popover.Root>
      <Popover.Trigger className={buttonClass('ghost', 'sm')}>
        <CircleHelp className="size-3.5" aria-hidden />
        How it is decided
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="How states and decisions are made"
          className="appear scroll-thin z-50 max-h-(--radix-popover-content-available-height) w-[27rem] max-w-[calc(100vw-1rem)] overflow-y-auto rounded-md border border-line bg-surface p-4 shadow-2"
        >
          <p className="text-xs text-ink-3">The first that fits, from the top. One of its lines is enough.</p>
          <h3 className="mt-3 text-xs font-semibold text-ink">State</h3>
          <dl className="mt-2 space-y-3">
            {rules.map((rule) => (
              <Rule key={rule.when[0]} when={rule.when}>
                <Badge tone={STATE_TONES[rule.state]} dot>
                  {rule.state}
                </Badge>
              </Rule>
            ))}
          </dl>
          <h3 className="mt-4 text-xs font-semibold text-ink">Decision</h3>
          <dl className="mt-2 space-y-3">
            {decisions.map((rule) => (
              <Rule key={rule.advice} when={rule.when}>
                <Badge tone={ADVICE_TONES[rule.advice]}>{rule.advice}</Badge>
              </Rule>
            ))}
          </dl>
          <p className="mt-3 text-xs text-ink-3">Margin: what outcomes are worth by the rate of the plan in their rows&apos; snapshots, less what their runs cost. An included outcome is worth its part of the base fee.</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Rule({ when, children }: { readonly when: readonly string[]; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{children}</dt>
      {when.map((line) => (
        <dd key={line} className="mt-1 flex gap-2 text-xs text-ink-2">
          <span aria-hidden className="mt-[0.45rem] size-1 shrink-0 rounded-full bg-ink-3" />
          {line}
        </dd>
      ))}
    </div>
  );
}
