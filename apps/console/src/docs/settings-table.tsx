import { ENV_GROUPS } from 'virtual:env-settings';
import { C } from './prose';

/** The environment variables of one program, as its own code declares them. */
export function SettingsTable({ program }: { readonly program: 'outlay' | 'demo' }) {
  const settings = ENV_GROUPS.find((group) => group.program === program)?.settings ?? [];
  return (
    <dl data-testid={`settings-${program}`} className="divide-y divide-line rounded-md border border-line text-sm">
      {settings.map(({ name, fallback, form, meaning }) => (
        <div key={name} className="px-4 py-2.5">
          <dt className="flex flex-wrap items-baseline gap-x-3 gap-y-1 font-medium text-ink">
            <C>{name}</C>
            <span className="text-xs font-normal text-ink-3">
              {form}
              {fallback === undefined ? '' : `, ${fallback} when absent`}
            </span>
          </dt>
          <dd className="mt-1 text-ink-2">{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
