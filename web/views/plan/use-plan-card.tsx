import { useCallback, useMemo, useState } from 'react';
import { useSituationCard } from '../../api/incidents.ts';
import type { Spot } from '../../features/situation-card/nearby-list.tsx';
import { CARD_METRES } from '../../features/situation-card/card-metres.ts';
import { OpenCard } from '../../features/situation-card/open-card.tsx';
import { SituationCard } from '../../features/situation-card/situation-card.tsx';
import { useCardLayers } from '../../features/situation-card/use-card-layers.ts';
import { shapeInput } from '../../shape.ts';
import { light } from '../../theme.ts';
import type { UrlState } from '../../url-state.ts';
import type { patchUrl } from '../../use-url-state.ts';
import type { Aim } from './use-fly-to.ts';

/** The situation card of the selected incident, or of what was drawn: its layers, and it or the button that opens it. */
export function usePlanCard(state: UrlState, patch: typeof patchUrl, fly: (name: string, aim: Aim) => void) {
  const { selection, tool, shape, card: cardMetres, lang } = state;
  const incident = selection?.kind === 'incident' ? selection.id : null;
  const isOfShape = incident === null && tool !== null && shape !== null;
  const subject = useMemo(() => {
    if (cardMetres === null) return null;
    if (incident !== null) return { incident };
    return isOfShape && shape !== null ? { shape: shapeInput(shape, cardMetres) } : null;
  }, [cardMetres, incident, isOfShape, shape]);
  const card = useSituationCard(subject, cardMetres ?? CARD_METRES);
  const [spot, setSpot] = useState<Spot | null>(null);
  const layers = useCardLayers(subject === null ? undefined : card.data, spot, light);
  const onSpot = useCallback(
    (next: Spot) => {
      setSpot(next);
      const [lng, lat] = next.at;
      fly(`spot:${lng},${lat}`, { lng, lat, zoom: 16 });
    },
    [fly],
  );
  const element =
    subject === null ? (
      <OpenCard onOpen={() => patch({ card: CARD_METRES })} />
    ) : (
      <SituationCard
        query={card}
        incident={incident}
        radius={cardMetres ?? CARD_METRES}
        lang={lang}
        onRadius={(metres) => patch({ card: metres }, true)}
        onClose={() => {
          setSpot(null);
          patch({ card: null });
        }}
        onSpot={onSpot}
        onIncident={({ id }) => patch({ selection: { kind: 'incident', id } })}
      />
    );
  return {
    layers,
    /** Beside the incident. */
    ofIncident: incident === null ? null : element,
    /** Below the tools. */
    ofShape: isOfShape ? element : null,
  };
}
