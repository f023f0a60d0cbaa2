import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Bookmark, BookmarkPlus, Check, PenLine, RefreshCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import type { LedgerSearch } from '../filters/search';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../ui/menu';
import { toast } from '../ui/toast';
import { prepareViews, searchOfView, toViewSearch, type SavedView } from './prepare-views';
import { ViewDialog } from './view-dialog';

interface SavedViewsProps {
  readonly search: LedgerSearch;
  readonly onOpen: (search: LedgerSearch) => void;
}

/** Filters that the team keeps under names. The button says which one holds, and whether it was changed since. */
export function SavedViews({ search, onOpen }: SavedViewsProps) {
  const can = useCan();
  const client = useQueryClient();
  const views = useQuery(trpc.views.list.queryOptions(undefined, { staleTime: 60_000 }));
  const [openedId, setOpenedId] = useState<string | null>(null);
  const [dialog, setDialog] = useState<{ readonly kind: 'save' } | { readonly kind: 'rename' | 'delete'; readonly view: SavedView } | null>(null);
  const { active, changed } = prepareViews(views.data ?? [], search, openedId);
  const refresh = () => client.invalidateQueries({ queryKey: trpc.views.list.pathKey() });
  const overwrite = useMutation(
    trpc.views.overwrite.mutationOptions({
      onSuccess: async (view) => {
        await refresh();
        toast.success(`“${view.name}” has these filters now`);
      },
      onError: (error) => toast.error(readFailure(error).message),
    }),
  );
  const remove = useMutation(
    trpc.views.remove.mutationOptions({
      onSuccess: async () => {
        setDialog(null);
        await refresh();
      },
    }),
  );
  const open = (view: SavedView) => {
    setOpenedId(view.id);
    onOpen(searchOfView(view));
  };
  return (
    <>
      <Menu
        className="max-h-[70dvh] max-w-72 min-w-60 overflow-y-auto"
        trigger={
          <Button icon={<Bookmark className="size-3.5" aria-hidden />} data-testid="views-menu" aria-label={active ? `View: ${active.name}${changed ? ', changed' : ''}` : 'Views'} className="max-w-44 shrink">
            <span className="hidden truncate sm:inline">{active ? active.name : 'Views'}</span>
            {changed ? <span className="hidden size-1.5 shrink-0 rounded-full bg-accent sm:inline-block" title="The filters were changed since" /> : null}
          </Button>
        }
      >
        <MenuLabel>Views of your team</MenuLabel>
        {views.isError ? <p className="px-2 py-1.5 text-sm text-danger">The views could not be read.</p> : null}
        {views.data?.length === 0 ? <p className="px-2 py-1.5 text-sm text-ink-3">None yet. Set filters, then save them under a name for everybody.</p> : null}
        {views.data?.map((view) => (
          <MenuItem key={view.id} onSelect={() => open(view)} icon={view.id === active?.id ? <Check aria-hidden /> : <span className="size-4 shrink-0" />}>
            {view.name}
          </MenuItem>
        ))}
        {can('views.manage') ? (
          <>
            <MenuSeparator />
            {active && changed ? (
              <MenuItem onSelect={() => overwrite.mutate({ id: active.id, search: toViewSearch(search) })} icon={<RefreshCcw aria-hidden />}>
                Save the changes to “{active.name}”
              </MenuItem>
            ) : null}
            <MenuItem onSelect={() => setDialog({ kind: 'save' })} icon={<BookmarkPlus aria-hidden />}>
              Save as a new view…
            </MenuItem>
            {active ? (
              <>
                <MenuItem onSelect={() => setDialog({ kind: 'rename', view: active })} icon={<PenLine aria-hidden />}>
                  Rename…
                </MenuItem>
                <MenuItem danger onSelect={() => setDialog({ kind: 'delete', view: active })} icon={<Trash2 aria-hidden />}>
                  Delete…
                </MenuItem>
              </>
            ) : null}
          </>
        ) : null}
      </Menu>
      <ViewDialog
        state={dialog?.kind === 'save' ? { view: null } : dialog?.kind === 'rename' ? { view: dialog.view } : null}
        search={search}
        onClose={() => setDialog(null)}
        onSaved={async (view) => {
          setOpenedId(view.id);
          setDialog(null);
          await refresh();
        }}
      />
      <ConfirmDialog
        open={dialog?.kind === 'delete'}
        onOpenChange={(isOpen) => {
          if (isOpen) return;
          remove.reset();
          setDialog(null);
        }}
        title={dialog?.kind === 'delete' ? `Delete the view “${dialog.view.name}”?` : 'Delete the view?'}
        action="Delete the view"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => dialog?.kind === 'delete' && remove.mutate({ id: dialog.view.id })}
      >
        It is gone for the whole team. Rows and filters stay as they are; the audit log keeps what it was.
      </ConfirmDialog>
    </>
  );
}
