import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, CircleCheck, FileUp } from 'lucide-react';
import { useState, type DragEvent } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { formatCount, formatPlural } from '../ui/format-number';
import { Checkbox, Input } from '../ui/input';
import { Money } from '../ui/money';
import { ConnectGuideLink } from './connect-guide-link';
import { packText } from './pack-text';
import { nextDay, daySpanWords } from './utc-days';

type Report = Outputs['providers']['importCsv'];

/** A bill as a file: all of it or nothing, errors by line. Files of one name are one connection. */
export function ImportDialog({ onBack, onClose }: { readonly onBack: () => void; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [services, setServices] = useState('');
  const [replaceDays, setReplaceDays] = useState(false);
  const run = useMutation(trpc.providers.importCsv.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: trpc.providers.pathKey() }) }));
  const failure = run.error ? readFailure(run.error) : null;
  const fault = (...fields: string[]) => (failure && fields.includes(failure.field ?? '') ? failure.message : undefined);
  const choose = (chosen: File | undefined) => {
    if (!chosen) return;
    run.reset();
    setFile(chosen);
    if (name === '') setName(chosen.name.replace(/\.[^.]+$/, '').slice(0, 80));
  };
  const submit = async () => {
    if (file === null) return;
    const wanted = services.split(',').map((each) => each.trim()).filter((each) => each !== '');
    const body = await packText(await file.text());
    run.mutate({ name, ...body, ...(replaceDays ? { replaceDays } : {}), ...(wanted.length > 0 ? { services: wanted } : {}) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !run.isPending && onClose()}
      wide
      title="Import a bill"
      description="CSV or FOCUS: Mistral, xAI, Azure, AWS and all others. All of a file is taken in, or nothing of it."
      footer={
        run.data ? (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button look="ghost" className="mr-auto" icon={<ArrowLeft className="size-4" aria-hidden />} onClick={onBack} disabled={run.isPending}>
              Back
            </Button>
            <Button look="primary" type="submit" form="import-bill" busy={run.isPending} disabled={file === null}>
              Import
            </Button>
          </>
        )
      }
    >
      {run.data ? (
        <Imported report={run.data} />
      ) : (
        <form
          id="import-bill"
          noValidate
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <FileDrop file={file} onChoose={choose} />
          {fault('text', 'upload') ? (
            <p role="alert" data-testid="import-fault" className="rounded-md bg-danger-soft px-3 py-2.5 text-sm break-words text-ink">
              {fault('text', 'upload')} <span className="text-ink-2">Nothing was taken in.</span>
            </p>
          ) : null}
          <Field label="Name" hint="A file of the same name later adds to it; the same file again changes nothing." error={fault('name')}>
            {(control) => <Input {...control} autoComplete="off" placeholder="Azure" value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <Field label="Only these services (optional)" hint="Of a FOCUS export of a whole cloud, divided by commas: Azure OpenAI, Amazon Bedrock." error={fault('services')}>
            {(control) => <Input {...control} autoComplete="off" value={services} onChange={(event) => setServices(event.target.value)} />}
          </Field>
          <label className="flex items-start gap-2.5 text-sm text-ink">
            <Checkbox checked={replaceDays} onChange={(event) => setReplaceDays(event.target.checked)} />
            <span>
              The file is all there is of its days
              <span className="block text-xs text-ink-3">What an earlier file said of these days, and this one does not, is taken back.</span>
            </span>
          </label>
          <p className="text-xs text-ink-2">
            A simple file has the columns <code>date,model,amount_usd</code>, and if it knows them <code>provider,key,project,line_item,requests,input_tokens,cached_tokens,output_tokens</code>. <ConnectGuideLink />
          </p>
          {failure && !['name', 'text', 'upload', 'services'].includes(failure.field ?? '') ? <FormError error={run.error} /> : null}
        </form>
      )}
    </Dialog>
  );
}

function FileDrop({ file, onChoose }: { readonly file: File | null; readonly onChoose: (file: File | undefined) => void }) {
  const [over, setOver] = useState(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onChoose(event.dataTransfer.files[0]);
  };
  return (
    <label
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
      className={cx(
        'flex cursor-pointer flex-col items-center gap-1.5 rounded-md border border-dashed px-4 py-7 text-center text-sm transition-colors focus-within:outline-2 focus-within:outline-accent',
        over ? 'border-accent bg-accent-soft' : 'border-line-strong hover:bg-surface-2',
      )}
    >
      <FileUp className="size-5 text-ink-3" aria-hidden />
      {file ? (
        <span className="text-ink">
          <span className="font-medium break-all">{file.name}</span> <span className="text-ink-3">{formatCount(Math.ceil(file.size / 1_024))} kB</span>
        </span>
      ) : (
        <span className="text-ink-2">
          <span className="font-medium text-accent">Choose a file</span> or drop it here
        </span>
      )}
      <input type="file" aria-label="File" accept=".csv,text/csv,text/plain" className="sr-only" onChange={(event) => onChoose(event.target.files?.[0])} />
    </label>
  );
}

function Imported({ report }: { readonly report: Report }) {
  return (
    <div role="status" data-testid="imported" className="flex items-start gap-3 rounded-md bg-positive-soft px-4 py-3.5 text-sm text-ink">
      <CircleCheck className="mt-0.5 size-4 shrink-0 text-positive" aria-hidden />
      <div>
        <p className="font-medium">
          <Money pico={report.totalPico} /> of {formatPlural(report.rows - report.skipped, 'row')}
          {report.days ? `, ${daySpanWords({ from: report.days.from, to: nextDay(report.days.to) })}` : null}
        </p>
        <p className="mt-0.5 text-ink-2">
          {report.changed === 0 ? 'Nothing changed: the same was imported before.' : `${formatPlural(report.changed, 'row')} new or restated.`}
          {report.skipped > 0 ? ` ${formatPlural(report.skipped, 'row')} of other services left out.` : null} Read as {report.format === 'focus' ? 'FOCUS' : 'the simple CSV'}.
        </p>
      </div>
    </div>
  );
}
