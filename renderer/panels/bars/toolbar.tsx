// The bar at the top: open, undo, run with its progress, save, theme.
import { ActionButton } from '../../controls/action-button.tsx';
import { FindField } from '../../graph/find-field.tsx';
import { JobView } from './job-view.tsx';

export function Toolbar() {
  return (
    <header className="toolbar" role="toolbar" aria-label="Main">
      <span className="brand">Requant</span>
      <ActionButton action="open-model" text="Open" />
      <ActionButton action="open-sample" text="Sample" />
      <span className="divider" />
      <ActionButton action="undo" text={null} look="quiet" />
      <ActionButton action="redo" text={null} look="quiet" />
      <span className="divider" />
      <ActionButton action="run" look="primary" />
      <JobView />
      <span className="spacer" />
      <FindField />
      <ActionButton action="palette" text={null} look="quiet" />
      <ActionButton action="save-run" testId="toolbar-save-run" text={null} look="quiet" />
      <ActionButton action="toggle-theme" testId="theme-toggle" text={null} look="quiet" />
    </header>
  );
}
