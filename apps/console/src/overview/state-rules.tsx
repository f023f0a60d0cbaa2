import * as Popover from '@radix-ui/react-popover';
import { CircleHelp } from 'lucide-react';
import { Badge } from '../ui/badge';
import { buttonClass } from '../ui/button';
import { STATE_TONES, type WorkflowState } from './prepare-breakdown';

export interface StateRule {
  readonly state: WorkflowState;
  readonly when: readonly string[];
}

/** How states are decided: the server's own rules, in the order in which it asks them. */
export function StateRules({ rules }: { readonly rules: readonly StateRule[] }) {
  return (
    <Popover.Root>
      <Popover.Trigger className={buttonClass('ghost', 'sm')}>
        <CircleHelp className="size-3.5" aria-hidden />
        How states are decided
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="How states are decided"
          className="appear scroll-thin z-50 max-h-(--radix-popover-content-available-height) w-[27rem] max-w-[calc(100vw-1rem)] overflow-y-auto rounded-md border border-line bg-surface p-4 shadow-2"
        >
          <p className="text-xs text-ink-3">The first that fits, from the top. One of its lines is enough.</p>
          <dl className="mt-3 space-y-3">
            {rules.map((rule) => (
              <div key={rule.when[0]}>
                <dt>
                  <Badge tone={STATE_TONES[rule.state]} dot>
                    {rule.state}
                  </Badge>
                </dt>
                {rule.when.map((line) => (
                  <dd key={line} className="mt-1 flex gap-2 text-xs text-ink-2">
                    <span aria-hidden className="mt-[0.45rem] size-1 shrink-0 rounded-full bg-ink-3" />
                    {line}
                  </dd>
                ))}
              </div>
            ))}
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
