import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

/** Keys of the wall, in the order in which they are explained. */
export const WALL_KEYS = ['j', 'k', 'c', '0', 'f', 'm', 'n', 'h', 'Escape', '?'] as const;
export type WallKey = (typeof WALL_KEYS)[number];

const shown: Partial<Record<WallKey, string>> = {
  j: 'J',
  k: 'K',
  c: 'C',
  f: 'F',
  m: 'M',
  n: 'N',
  h: 'H',
  Escape: 'Esc',
};

/** Which keys do what. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="om-confirm om-keys-sheet" aria-label={t('keys.title')} onClose={onClose}>
      <h2>{t('keys.title')}</h2>
      <dl className="om-pairs">
        {WALL_KEYS.map((key) => (
          <div key={key}>
            <dt>
              <kbd>{shown[key] ?? key}</kbd>
            </dt>
            <dd>{t(`keys.${key}`)}</dd>
          </div>
        ))}
      </dl>
      <div className="om-actions">
        <button type="button" className="om-button" onClick={() => dialog.current?.close()}>
          {t('panel.close')}
        </button>
      </div>
    </dialog>
  );
}
