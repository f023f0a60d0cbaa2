import { AlertCircle } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { cx } from './cx';

/** What a control needs to belong to its label, hint and error. */
interface ControlProps {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  /** Stands at the right end of the label's line: a link such as "Forgotten?". */
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly children: (control: ControlProps) => ReactNode;
}

/** Label, control, hint and error of one input; the error is announced and replaces the hint. */
export function Field({ label, hint, error, aside, className, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium text-ink">
          {label}
        </label>
        {aside}
      </div>
      {children({ id, 'aria-describedby': note ? noteId : undefined, 'aria-invalid': error ? true : undefined })}
      {note ? (
        <p id={noteId} role={error ? 'alert' : undefined} className={cx('flex items-start gap-1.5 text-xs', error ? 'text-danger' : 'text-ink-3')}>
          {error ? <AlertCircle className="mt-0.5 size-3.5 shrink-0" aria-hidden /> : null}
          <span>{note}</span>
        </p>
      ) : null}
    </div>
  );
}
