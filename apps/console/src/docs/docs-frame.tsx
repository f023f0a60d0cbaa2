import { useSuspenseQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { lazy } from 'react';
import { meOptions } from '../api/me';
import { AppShell } from '../shell/app-shell';

const PublicFrame = lazy(() => import('../public/public-frame').then((module) => ({ default: module.PublicFrame })));

/** The docs are for everybody: beside their work for members of a team, in the public frame for who is not signed in. */
export function DocsFrame() {
  const { data: me } = useSuspenseQuery(meOptions());
  if (me.user && me.tenant) return <AppShell />;
  return (
    <PublicFrame>
      <Outlet />
    </PublicFrame>
  );
}
