import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Field } from '../ui/field';
import { Input, Select } from '../ui/input';

/** What is wrong with the field of a path; undefined when nothing is. */
export type FaultOf = (path: string) => string | undefined;

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
  readonly hint?: ReactNode;
  readonly kind?: 'text' | 'decimal' | 'whole';
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly className?: string;
}

export function TextField({ label, value, onChange, error, hint, kind = 'text', placeholder, disabled, className }: TextFieldProps) {
  return (
    <Field label={label} error={error} hint={hint} className={cx('min-w-0', className)}>
      {(control) => (
        <Input
          {...control}
          value={value}
          placeholder={placeholder}
          disabled={disabled}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={kind === 'text' ? undefined : false}
          inputMode={kind === 'decimal' ? 'decimal' : kind === 'whole' ? 'numeric' : undefined}
          className={kind === 'text' ? undefined : 'tabular-nums'}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface SelectFieldProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly onChange: (value: Value) => void;
  readonly error?: string | undefined;
  readonly hint?: ReactNode;
  readonly disabled?: boolean;
  readonly className?: string;
}

export function SelectField<Value extends string>({ label, value, options, onChange, error, hint, disabled, className }: SelectFieldProps<Value>) {
  return (
    <Field label={label} error={error} hint={hint} className={cx('min-w-0', className)}>
      {(control) => (
        <Select {...control} value={value} disabled={disabled} onChange={(event) => onChange(options.find(([each]) => each === event.target.value)?.[0] ?? value)}>
          {options.map(([each, name]) => (
            <option key={each} value={each}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

interface GroupProps {
  readonly title: string;
  readonly note?: ReactNode;
  /** What a new entry is called on its button: "an allowance". */
  readonly add?: { readonly label: string; readonly onAdd: () => void } | undefined;
  readonly error?: string | undefined;
  readonly children?: ReactNode;
}

/** A part of the plan: its name, what it means, its fields, and a button for one more. */
export function Group({ title, note, add, error, children }: GroupProps) {
  return (
    <fieldset className="min-w-0 border-t border-line py-5 first:border-t-0 first:pt-0 last:pb-0">
      <legend className="contents">
        <span className="text-sm font-semibold text-ink">{title}</span>
      </legend>
      {note ? <p className="mt-0.5 text-xs text-ink-3">{note}</p> : null}
      {error ? (
        <p role="alert" className="mt-1 text-xs text-danger">
          {error}
        </p>
      ) : null}
      <div className="mt-3 space-y-3">{children}</div>
      {add ? (
        <Button size="sm" className="mt-3" icon={<Plus className="size-3.5" aria-hidden />} onClick={add.onAdd}>
          {add.label}
        </Button>
      ) : null}
    </fieldset>
  );
}

/** One of several entries, with its own way out. */
export function Entry({ title, onRemove, children }: { readonly title: string; readonly onRemove: () => void; readonly children: ReactNode }) {
  return (
    <div role="group" aria-label={title} className="rounded-md border border-line bg-surface-2 p-3.5">
      <div className="mb-2.5 flex items-center justify-between gap-2">
        <p className="min-w-0 truncate text-sm font-medium text-ink">{title}</p>
        <RemoveButton label={`Remove ${title}`} onRemove={onRemove} />
      </div>
      {children}
    </div>
  );
}

export function RemoveButton({ label, onRemove, className }: { readonly label: string; readonly onRemove: () => void; readonly className?: string }) {
  return (
    <IconButton label={label} size="sm" className={className} onClick={onRemove}>
      <Trash2 className="size-3.5" aria-hidden />
    </IconButton>
  );
}

/** The list with one entry changed. */
export function changeAt<Item>(list: readonly Item[], at: number, change: Partial<Item>): Item[] {
  return list.map((each, i) => (i === at ? { ...each, ...change } : each));
}

export function without<Item>(list: readonly Item[], at: number): Item[] {
  return list.filter((_each, i) => i !== at);
}
