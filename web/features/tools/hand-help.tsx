import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { HandMode } from '../../map/draw-mode.ts';
import type { Drawing } from '../../map/drawing.ts';
import type { DrawnShape } from '../../shape.ts';

export interface HandHelpProps {
  mode: HandMode;
  shape: DrawnShape | null;
  control: RefObject<Drawing | null>;
  onMode: (mode: HandMode | null) => void;
}

/** On the map: what hands do on it just now, how, and how it ends. By mouse and keys, or by finger. */
export function HandHelp({ mode, shape, control, onMode }: HandHelpProps) {
  const { t } = useTranslation();
  const isEdit = mode === 'edit';
  const hasCorners = shape?.kind === 'line' || shape?.kind === 'polygon';
  return (
    <div className="om-drawing" role="status">
      {isEdit ? editHelp() : drawHelp()}
      <div className="om-actions">
        {isEdit && hasCorners && (
          <button type="button" className="om-button" onClick={() => control.current?.removeCorner()}>
            {t('tools.editing.removeCorner')} <kbd>Delete</kbd>
          </button>
        )}
        <button type="button" className="om-button" onClick={() => control.current?.undo()}>
          {t('tools.undo')} <kbd>Ctrl+Z</kbd>
        </button>
        <button type="button" className={`om-button${isEdit ? ' om-button-strong' : ''}`} onClick={() => onMode(null)}>
          {t(isEdit ? 'tools.editing.done' : 'tools.cancel')} <kbd>{isEdit ? 'Enter' : 'Esc'}</kbd>
        </button>
      </div>
    </div>
  );

  function drawHelp() {
    if (mode === 'edit') return null;
    const hasEnd = mode === 'line' || mode === 'polygon';
    return (
      <span>
        {t(`tools.drawing.${mode}`)} {hasEnd && <span className="om-by-mouse">{t('tools.drawing.keys')}</span>}
      </span>
    );
  }

  function editHelp() {
    switch (shape?.kind) {
      case 'line':
      case 'polygon':
        return (
          <>
            <span className="om-by-mouse">{`${t(`tools.editing.${shape.kind}`)} ${t('tools.editing.keys')}`}</span>
            <span className="om-by-finger">{t('tools.editing.finger')}</span>
          </>
        );
      case 'point':
      case 'circle':
        return (
          <span>
            {t(`tools.editing.${shape.kind}`)} <span className="om-by-mouse">{t('tools.editing.keysWhole')}</span>
          </span>
        );
      default:
        return null;
    }
  }
}
