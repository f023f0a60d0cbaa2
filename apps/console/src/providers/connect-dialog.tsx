import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, ChevronRight, FileUp, PlugZap } from 'lucide-react';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { toast } from '../ui/toast';
import { ConnectForm, type ConnectValues } from './connect-form';
import { FindingList, type Finding } from './finding-list';
import { KIND_WORDS, KINDS, type Kind } from './provider-kinds';
import { ProviderMark } from './provider-mark';

export type Connection = Outputs['providers']['list'][number];

interface ChooseDialogProps {
  readonly onChoose: (kind: Kind) => void;
  readonly onImport: () => void;
  readonly onClose: () => void;
}

const CHOICE = 'flex w-full items-center gap-3 rounded-md border border-line p-3 text-left transition-colors hover:border-line-strong hover:bg-surface-2';

/** The first step: which provider. */
export function ChooseDialog({ onChoose, onImport, onClose }: ChooseDialogProps) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Connect a provider" description="Outlay reads what the provider itself says you used and owe, and compares it with the ledger. It never calls a model with this key.">
      <ul className="space-y-2">
        {KINDS.map((kind) => (
          <li key={kind}>
            <button type="button" className={CHOICE} onClick={() => onChoose(kind)}>
              <ProviderMark provider={kind} />
              <span className="min-w-0 flex-1">
                <span className="block text-sm font-medium text-ink">{KIND_WORDS[kind].name}</span>
                <span className="block text-xs text-ink-2">{KIND_WORDS[kind].reads}</span>
              </span>
              <ChevronRight className="size-4 shrink-0 text-ink-3" aria-hidden />
            </button>
          </li>
        ))}
        <li>
          <button type="button" className={CHOICE} onClick={onImport}>
            <span aria-hidden className="flex size-9 shrink-0 items-center justify-center rounded-md bg-surface-3 text-ink-2">
              <FileUp className="size-4" />
            </span>
            <span className="min-w-0 flex-1">
              <span className="block text-sm font-medium text-ink">Another one, by file</span>
              <span className="block text-xs text-ink-2">CSV or FOCUS: Mistral, xAI, Azure, AWS and all others</span>
            </span>
            <ChevronRight className="size-4 shrink-0 text-ink-3" aria-hidden />
          </button>
        </li>
      </ul>
    </Dialog>
  );
}

interface ConnectDialogProps {
  readonly kind: Kind;
  /** Null connects a new one. */
  readonly connection: Connection | null;
  readonly onBack?: () => void;
  readonly onClose: () => void;
}

function startOf(connection: Connection | null): ConnectValues {
  const settings = Object.entries(connection?.settings ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { name: connection?.name ?? '', credentials: '', settings: Object.fromEntries(settings) };
}

/** Key in, test, connect. What is wrong stands at its field or in the findings; nothing is stored before the last click. */
export function ConnectDialog({ kind, connection, onBack, onClose }: ConnectDialogProps) {
  const queries = useQueryClient();
  const [values, setValues] = useState(() => startOf(connection));
  const [findings, setFindings] = useState<{ readonly of: ConnectValues; readonly list: readonly Finding[] } | null>(null);
  const done = async (words: string) => {
    toast.success(words);
    onClose();
    await queries.invalidateQueries({ queryKey: trpc.providers.pathKey() });
  };
  const test = useMutation(trpc.providers.test.mutationOptions());
  const connect = useMutation(trpc.providers.connect.mutationOptions({ onSuccess: () => done('Connected. The first sync runs now.') }));
  const update = useMutation(trpc.providers.update.mutationOptions({ onSuccess: () => done('Changed. It is asked again now.') }));
  // One that was changed since says nothing about what is typed now.
  const shown = findings?.of === values ? findings.list : null;
  const failed = shown?.some(({ ok }) => !ok) ?? false;
  const busy = test.isPending || connect.isPending || update.isPending;
  const error = test.error ?? connect.error ?? update.error;
  const failure = error ? readFailure(error) : null;
  const fields = ['credentials', 'name', 'settings.baseUrl', ...KIND_WORDS[kind].settings.map(({ name }) => `settings.${name}`)];

  const runTest = async (): Promise<boolean> => {
    connect.reset();
    update.reset();
    const answer = await test.mutateAsync({ provider: kind, settings: values.settings, ...(values.credentials === '' ? {} : { credentials: values.credentials }), ...(connection ? { id: connection.id } : {}) });
    setFindings({ of: values, list: answer.findings });
    return answer.findings.every(({ ok }) => ok);
  };
  const save = () => {
    if (connection) update.mutate({ id: connection.id, name: values.name, settings: values.settings, ...(values.credentials === '' ? {} : { credentials: values.credentials }) });
    else connect.mutate({ provider: kind, name: values.name, settings: values.settings, credentials: values.credentials });
  };
  const submit = async () => {
    if (shown && !failed) return save();
    // A refusal of the test stands at its field already.
    const passed = await runTest().catch(() => false);
    if (passed) save();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !busy && onClose()}
      wide
      sticky={values.credentials !== ''}
      title={connection ? `Change ${connection.name}` : `Connect ${KIND_WORDS[kind].name}`}
      description={KIND_WORDS[kind].reads}
      footer={
        <>
          {onBack ? (
            <Button look="ghost" className="mr-auto" icon={<ArrowLeft className="size-4" aria-hidden />} onClick={onBack} disabled={busy}>
              Back
            </Button>
          ) : null}
          {failed ? (
            <Button look="ghost" disabled={busy} onClick={save} title="It is stored as it is, and asked again and again">
              {connection ? 'Save anyway' : 'Connect anyway'}
            </Button>
          ) : null}
          <Button icon={<PlugZap className="size-4" aria-hidden />} busy={test.isPending} disabled={busy} onClick={() => void runTest().catch(() => null)}>
            Test
          </Button>
          <Button look="primary" type="submit" form="connect-provider" busy={connect.isPending || update.isPending} disabled={busy}>
            {connection ? 'Save' : 'Connect'}
          </Button>
        </>
      }
    >
      <form
        id="connect-provider"
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <ConnectForm kind={kind} values={values} onChange={setValues} fault={(field) => (failure?.field === field ? failure.message : undefined)} storedHint={connection ? connection.hint : null} />
        <div aria-live="polite" className="empty:hidden">
          {shown ? <FindingList key={test.submittedAt} findings={shown} /> : null}
        </div>
        {failure && !fields.includes(failure.field ?? '') ? <FormError error={error} /> : null}
      </form>
    </Dialog>
  );
}
