import './styles/app.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { meOptions } from './api/me';
import { queryClient, setSessionEndedHandler } from './api/trpc';
import { router } from './router';
import { Toaster } from './ui/toast';
import { TooltipProvider } from './ui/tooltip';

// The guard of the signed-in layout asks again who is here, finds nobody, and leads to the sign-in page and back.
setSessionEndedHandler(() => {
  void queryClient.invalidateQueries({ queryKey: meOptions().queryKey }).then(() => router.invalidate());
});

function Console() {
  return (
    <QueryClientProvider client={queryClient}>
      <TooltipProvider delayDuration={250} skipDelayDuration={150}>
        <RouterProvider router={router} />
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>
  );
}

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
