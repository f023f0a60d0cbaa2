import { PenLine } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { Button } from '../ui/button';
import { CorrectDialog } from './correct-dialog';
import type { Detail } from './event-detail';

/** The way to correct an event, from whichever of its rows is open; nothing for who may not. */
export function CorrectAction({ detail, onOpen }: { readonly detail: Detail; readonly onOpen: (id: string) => void }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  const holds = [detail.row, ...detail.corrections].find(({ valid }) => valid);
  if (!can('ledger.correct') || holds === undefined) return null;
  return (
    <div className="flex items-center justify-between gap-4 px-5 py-3.5">
      <p className="text-sm text-ink-3">A wrong customer, user, workflow{holds.subject === 'outcome' ? ' or outcome' : ' or feature'}?</p>
      <Button size="sm" icon={<PenLine className="size-3.5" aria-hidden />} onClick={() => setOpen(true)}>
        Correct…
      </Button>
      <CorrectDialog open={open} onOpenChange={setOpen} row={holds} onCorrected={(id) => id !== null && onOpen(id)} />
    </div>
  );
}
