import { allowanceText, baseFeeText, capitalise, countText, limitLines } from './describe-plan';
import type { PlanDefinition } from './plan-shape';

/** A definition as a customer would read it, a line for each thing. */
export function PlanWords({ definition }: { readonly definition: PlanDefinition }) {
  return (
    <ul className="grid gap-x-6 gap-y-1 text-sm text-ink sm:grid-cols-2">
      <li>{capitalise(baseFeeText(definition))}</li>
      {definition.allowances.map((each) => (
        <li key={each.id}>
          {capitalise(allowanceText(each, definition))}
          {each.workflows ? <span className="text-xs text-ink-3"> for {each.workflows.join(', ')}</span> : null}
        </li>
      ))}
      {definition.credits ? (
        <li>
          {countText(definition.credits.granted)} credits granted each {definition.interval}
        </li>
      ) : null}
      {limitLines(definition).map((line) => (
        <li key={line} className="text-ink-2">
          {line}
        </li>
      ))}
      {definition.chargeOnlyUsable ? <li className="text-ink-2">Unusable outcomes are free</li> : null}
    </ul>
  );
}

/** `Ana` of `Ana <ana@example.com>`. */
export function personOf(actor: string): string {
  return actor.replace(/ <[^<>]*>$/, '');
}
