import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import type { LedgerSearch } from '../filters/search';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FormError } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { toViewSearch, type SavedView } from './prepare-views';

interface ViewDialogProps {
  /** The view to rename; null in it: a new one. Null: closed. */
  readonly state: { readonly view: SavedView | null } | null;
  readonly search: LedgerSearch;
  readonly onClose: () => void;
  readonly onSaved: (view: SavedView) => Promise<void>;
}

export function ViewDialog({ state, search, onClose, onSaved }: ViewDialogProps) {
  return (
    <Dialog
      open={state !== null}
      onOpenChange={(open) => !open && onClose()}
      title={state?.view ? 'Rename the view' : 'Save these filters as a view'}
      description={state?.view ? undefined : 'Everybody in your team finds it under this name. A range such as 7d stays relative.'}
    >
      {state ? <ViewForm view={state.view} search={search} onClose={onClose} onSaved={onSaved} /> : null}
    </Dialog>
  );
}

function ViewForm({ view, search, onClose, onSaved }: Omit<ViewDialogProps, 'state'> & { readonly view: SavedView | null }) {
  const [name, setName] = useState(view?.name ?? '');
  const save = useMutation(trpc.views.save.mutationOptions({ onSuccess: onSaved }));
  const rename = useMutation(trpc.views.rename.mutationOptions({ onSuccess: onSaved }));
  const { error, isPending } = view ? rename : save;
  const failure = error ? readFailure(error) : null;
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (view) rename.mutate({ id: view.id, name });
        else save.mutate({ name, search: toViewSearch(search) });
      }}
    >
      <Field label="Name" error={failure?.field === 'name' ? failure.message : undefined}>
        {(control) => <Input autoFocus maxLength={60} placeholder="Failed calls in production" {...control} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      {failure && failure.field !== 'name' ? <FormError error={error} /> : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={isPending}>
          {view ? 'Rename' : 'Save the view'}
        </Button>
      </div>
    </form>
  );
}
