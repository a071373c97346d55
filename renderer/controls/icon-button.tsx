// A button with an icon only: its label is its tooltip. Where it cannot be used it stays focusable and says why.
import type { LucideIcon } from 'lucide-react';
import { Tip } from './tip.tsx';

interface IconButtonProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly onClick: () => void;
  readonly pressed?: boolean;
  readonly why?: string | null;
  readonly testId?: string;
}

export function IconButton({ icon: Icon, label, onClick, pressed, why = null, testId }: IconButtonProps) {
  return (
    <Tip text={why === null ? label : `${label}: ${why}`}>
      <button type="button" className="button quiet icon-only small" aria-label={label} aria-disabled={why !== null} aria-pressed={pressed} data-testid={testId} onClick={() => { if (why === null) onClick(); }}>
        <Icon size={14} aria-hidden />
      </button>
    </Tip>
  );
}
