import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { RowTime } from '../ui/time';
import { toast } from '../ui/toast';
import type { HistoryLine } from './prepare-history';

/** What happened to it, the latest first; what holds can be taken back. */
export function HistoryCard({ lines, canUndo }: { readonly lines: readonly HistoryLine[]; readonly canUndo: boolean }) {
  return (
    <Card title="History">
      <ol data-testid="alert-history" className="relative space-y-3 before:absolute before:inset-y-2 before:left-[3px] before:w-px before:bg-line">
        {lines.map((line) => (
          <li key={line.id} className="relative flex flex-wrap items-baseline gap-x-3 gap-y-1 pl-5 text-sm">
            <span aria-hidden className="absolute top-1.5 left-0 size-[7px] rounded-full bg-line-strong ring-4 ring-surface" />
            <span className="min-w-0 flex-1 text-ink">
              {line.words}
              {line.by ? <span className="text-ink-3"> by {line.by}</span> : null}
            </span>
            {line.undoable && canUndo ? <UndoButton line={line} /> : null}
            <RowTime at={line.at} className="text-xs whitespace-nowrap text-ink-3 tabular-nums" />
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** Takes an action back before its time. */
export function UndoButton({ line }: { readonly line: HistoryLine }) {
  const [asking, setAsking] = useState(false);
  const queries = useQueryClient();
  const undo = useMutation(trpc.alerts.undo.mutationOptions({
    onSuccess: async () => {
      setAsking(false);
      toast.success('Taken back: it no longer holds from the next run on');
      await Promise.all([queries.invalidateQueries({ queryKey: trpc.alerts.pathKey() }), queries.invalidateQueries({ queryKey: trpc.caps.pathKey() })]);
    },
  }));
  return (
    <>
      <Button size="sm" onClick={() => setAsking(true)}>
        Undo
      </Button>
      <ConfirmDialog open={asking} onOpenChange={setAsking} title="Take this back?" action="Take it back" onConfirm={() => undo.mutate({ eventId: line.id })} busy={undo.isPending} error={undo.error}>
        {line.words}. It ends now instead; from the next run on things are as they were before.
      </ConfirmDialog>
    </>
  );
}
