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

/** What hands do on the map just now, how, and how it ends. */
export function HandHelp({ mode, shape, control, onMode }: HandHelpProps) {
  const { t } = useTranslation();
  const isEdit = mode === 'edit';
  return (
    <p className="om-drawing" role="status">
      {isEdit ? editHelp() : t(`tools.drawing.${mode}`)}
      <span>
        <button type="button" className="om-link" onClick={() => control.current?.undo()}>
          {t(isEdit ? 'tools.editing.undo' : 'tools.undo')}
        </button>
        <button type="button" className="om-link" onClick={() => onMode(null)}>
          {t(isEdit ? 'tools.editing.done' : 'tools.cancel')}
        </button>
      </span>
    </p>
  );

  function editHelp(): string {
    switch (shape?.kind) {
      case 'line':
      case 'polygon':
        return `${t(`tools.editing.${shape.kind}`)} ${t('tools.editing.keys')}`;
      case 'point':
      case 'circle':
        return `${t(`tools.editing.${shape.kind}`)} ${t('tools.editing.keysWhole')}`;
      default:
        return '';
    }
  }
}
