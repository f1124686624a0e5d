import { useCallback } from 'react';
import type { Alarm } from '../../../server/app.ts';
import { useLayers } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import { placeText, usePlaceNames } from '../../place-names.ts';
import type { Language } from '../../url-state.ts';

const PLACE_CODE = /^\d{12}(W\d{3})?$/;

/** What an alarm is called, with the name of its town, community or micro-grid for the code. */
export function useAlarmTitle() {
  const names = usePlaceNames(useLayers().data);
  return useCallback(
    ({ title, originator }: Pick<Alarm, 'title' | 'originator'>, lang: Language) =>
      PLACE_CODE.test(originator)
        ? pick(title, lang).replaceAll(originator, placeText(originator, names))
        : pick(title, lang),
    [names],
  );
}
