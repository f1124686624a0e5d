import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from './copy-text.ts';

/** How long it is said that a text was copied, ms. */
const SAID_MS = 2_000;

export interface CopyButtonProps {
  label: string;
  /** Accessible name where the label says too little. */
  name?: string;
  className?: string;
  text: () => string;
}

/** Copies a text and says whether it did. */
export function CopyButton({ label, name, className = 'om-button', text }: CopyButtonProps) {
  const { t } = useTranslation();
  const [isCopied, setIsCopied] = useState<boolean | null>(null);
  return (
    <button
      type="button"
      className={className}
      aria-label={isCopied === null ? name : undefined}
      onClick={() => {
        void copyText(text()).then((done) => {
          setIsCopied(done);
          setTimeout(() => setIsCopied(null), SAID_MS);
        });
      }}
    >
      <span role="status">{isCopied === null ? label : t(isCopied ? 'share.copied' : 'share.failed')}</span>
    </button>
  );
}
