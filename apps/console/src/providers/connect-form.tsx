import { ChevronRight, ExternalLink } from 'lucide-react';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { ConnectGuideLink } from './connect-guide-link';
import { KIND_WORDS, type Kind } from './provider-kinds';

export interface ConnectValues {
  readonly name: string;
  readonly credentials: string;
  readonly settings: Readonly<Record<string, string>>;
}

interface ConnectFormProps {
  readonly kind: Kind;
  readonly values: ConnectValues;
  readonly onChange: (next: ConnectValues) => void;
  /** The message under a field, by the name the server gives it. */
  readonly fault: (field: string) => string | undefined;
  /** The last characters of the key that is stored; null while there is none. */
  readonly storedHint: string | null;
}

const FILE_BOX = 'min-h-28 w-full rounded-sm border border-line-strong bg-surface px-3 py-2 font-mono text-md text-ink shadow-1 focus-visible:border-accent aria-invalid:border-danger sm:text-xs';

/** How to get the right key, the key, and what else this provider asks for. */
export function ConnectForm({ kind, values, onChange, fault, storedHint }: ConnectFormProps) {
  const words = KIND_WORDS[kind];
  const setSetting = (name: string, value: string) => onChange({ ...values, settings: { ...values.settings, [name]: value } });
  const secret = { value: values.credentials, onChange: (event: { target: { value: string } }) => onChange({ ...values, credentials: event.target.value }), autoComplete: 'off', autoCapitalize: 'none', spellCheck: false };
  return (
    <div className="space-y-4">
      {storedHint === null ? <HowTo kind={kind} /> : null}
      <Field
        label={words.keyLabel}
        error={fault('credentials')}
        hint={storedHint === null ? 'Sealed with the team\'s own key, opened only while a sync runs, never shown again.' : `Empty: the key that ends in ${storedHint || 'what is stored'} stays. A new address needs the key again.`}
      >
        {(control) =>
          words.keyIsFile ? <textarea {...control} {...secret} placeholder={words.keyPlaceholder} rows={5} className={FILE_BOX} /> : <Input type="password" {...control} {...secret} placeholder={words.keyPlaceholder} className="font-mono" />
        }
      </Field>
      {words.settings.map((setting) => (
        <Field key={setting.name} label={setting.required ? setting.label : `${setting.label} (optional)`} hint={setting.hint} error={fault(`settings.${setting.name}`)}>
          {(control) => (
            <Input {...control} autoComplete="off" autoCapitalize="none" spellCheck={false} placeholder={setting.placeholder} value={values.settings[setting.name] ?? ''} onChange={(event) => setSetting(setting.name, event.target.value)} />
          )}
        </Field>
      ))}
      <Field label="Name (optional)" hint="To tell two accounts of one provider apart." error={fault('name')}>
        {(control) => <Input {...control} autoComplete="off" placeholder={words.name} value={values.name} onChange={(event) => onChange({ ...values, name: event.target.value })} />}
      </Field>
      <details open={Boolean(values.settings['baseUrl']) || undefined} className="group rounded-md border border-line">
        <summary className="flex cursor-pointer list-none items-center gap-2 rounded-md px-3 py-2 text-sm font-medium text-ink-2 hover:text-ink [&::-webkit-details-marker]:hidden">
          <ChevronRight className="size-4 transition-transform group-open:rotate-90" aria-hidden />
          Another address
        </summary>
        <div className="px-3 pt-1 pb-3">
          <Field label="Base URL" hint="For a proxy or a gateway of your own. Addresses inside of the server's network are refused." error={fault('settings.baseUrl')}>
            {(control) => (
              <Input type="url" inputMode="url" {...control} autoComplete="off" autoCapitalize="none" spellCheck={false} placeholder={words.baseUrl} value={values.settings['baseUrl'] ?? ''} onChange={(event) => setSetting('baseUrl', event.target.value)} />
            )}
          </Field>
        </div>
      </details>
    </div>
  );
}

function HowTo({ kind }: { readonly kind: Kind }) {
  const words = KIND_WORDS[kind];
  return (
    <section aria-label="Where to get the key" className="rounded-md bg-surface-2 px-4 py-3 text-sm">
      <ol className="list-decimal space-y-1 pl-4 text-ink-2 marker:text-ink-3">
        {words.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p className="mt-2 text-ink-2">{words.notThis}</p>
      <p className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
        <a href={words.link.href} target="_blank" rel="noreferrer" className="inline-flex items-center gap-1 rounded-xs font-medium text-accent underline-offset-4 hover:underline">
          {words.link.label} <ExternalLink className="size-3.5" aria-hidden />
        </a>
        <ConnectGuideLink />
      </p>
    </section>
  );
}
