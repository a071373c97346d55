// A button for an action. When the action cannot be done, the button stays focusable and its tooltip says why.
import { memo } from 'react';
import { actionById } from '../actions/index.ts';
import { shortcutText } from '../actions/keys.ts';
import { isMac, perform } from '../actions/shortcuts.ts';
import { useStudio } from './studio-context.ts';
import { Tip } from './tip.tsx';
import { useDetail, useWhy } from './use-why.ts';

interface ActionButtonProps {
  readonly action: string;
  /** Text on the button; absent: the action's label; null: icon only. */
  readonly text?: string | null;
  readonly testId?: string;
  readonly look?: 'plain' | 'primary' | 'quiet';
  readonly pressed?: boolean;
}

export const ActionButton = memo(function ActionButton({ action: id, text, testId = id, look = 'plain', pressed }: ActionButtonProps) {
  const studio = useStudio();
  const action = actionById(id);
  const why = useWhy(action);
  const detail = useDetail(action);
  const shown = text === undefined ? action.label : text;
  const Icon = action.icon;
  const [key] = action.keys ?? [];
  return (
    <Tip text={(why ?? detail) === null ? action.label : `${action.label}: ${why ?? detail}`} {...(key !== undefined && { keys: shortcutText(key, isMac()) })}>
      <button
        type="button" className={`button ${look}${shown === null ? ' icon-only' : ''}`} data-testid={testId} aria-label={shown === null || action.label.includes(shown) ? action.label : `${shown}: ${action.label}`}
        aria-disabled={why !== null} aria-pressed={pressed} onClick={() => perform(action, studio)}
      >
        {Icon && <Icon size={15} aria-hidden />}
        {shown !== null && <span>{shown}</span>}
      </button>
    </Tip>
  );
});
