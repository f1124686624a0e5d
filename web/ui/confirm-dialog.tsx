import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface ConfirmDialogProps {
  title: string;
  children: ReactNode;
  /** What is done, on the button. */
  confirm: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks once more before something that is hard to take back. Escape and the first button leave it. */
export function ConfirmDialog({ title, children, confirm, onConfirm, onClose }: ConfirmDialogProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="om-confirm"
      aria-label={title}
      onClose={onClose}
      // It closes itself, and nothing around it with it.
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
    >
      <h2>{title}</h2>
      {children}
      <div className="om-actions">
        {/* First, so that the keyboard is on it: nothing happens by a careless Enter. */}
        <button type="button" className="om-button" onClick={() => dialog.current?.close()}>
          {t('workflow.cancel')}
        </button>
        <button
          type="button"
          className="om-button om-button-strong"
          onClick={() => {
            dialog.current?.close();
            onConfirm();
          }}
        >
          {confirm}
        </button>
      </div>
    </dialog>
  );
}
