/** What follows when somebody made, changed or removed a layer. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import { toggleLayer } from '../../url-state.ts';
import type { patchUrl } from '../../use-url-state.ts';
import { withoutLayer } from '../../without-layer.ts';
import type { Aim } from './use-fly-to.ts';

/** Tries until a layer that was made is listed, and the pause between them, ms: every process hears of it by itself. */
const LISTED_TRIES = 8;
const LISTED_MS = 500;

export function useLayerChanges(patch: typeof patchUrl, fly: (name: string, aim: Aim) => void) {
  const queryClient = useQueryClient();
  /** Puts a layer that was just made on the map, once the service lists it, and looks at all of it. */
  const onMade = useCallback(
    async (id: string) => {
      patch((now) => (now.layers.some((layer) => layer.id === id) ? {} : { layers: toggleLayer(now.layers, id) }));
      const made = await awaitLayer(queryClient, id);
      if (made?.bbox) fly(id, { bounds: made.bbox });
    },
    [patch, queryClient, fly],
  );
  const onCatalogue = useCallback(
    // Once more a moment later: the process that answered may not be the one that changed it.
    async () => {
      void queryClient.invalidateQueries({ queryKey: ['layer'] });
      await queryClient.invalidateQueries({ queryKey: ['layers'] });
      setTimeout(() => void queryClient.invalidateQueries({ queryKey: ['layers'] }), LISTED_MS);
    },
    [queryClient],
  );
  const onRemoved = useCallback((id: string) => patch((now) => withoutLayer(now, id), true), [patch]);
  return { onMade, onCatalogue, onRemoved };
}

/** Reads the catalogue anew until it has a layer. */
async function awaitLayer(queryClient: QueryClient, id: string): Promise<LayerSummary | undefined> {
  void queryClient.invalidateQueries({ queryKey: ['user-layers'] });
  for (let tries = 0; tries < LISTED_TRIES; tries++) {
    await queryClient.invalidateQueries({ queryKey: ['layers'] });
    const found = queryClient.getQueryData<LayerSummary[]>(['layers'])?.find((layer) => layer.id === id);
    if (found !== undefined && found.load !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, LISTED_MS));
  }
  return undefined;
}
