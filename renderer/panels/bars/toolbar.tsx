// The bar at the top: menu, open, undo, run with its progress and what waits, save, theme.
import { ActionButton } from '../../controls/action-button.tsx';
import { FindField } from '../../graph/find-field.tsx';
import { useProject } from '../../stores/project.ts';
import { useSession } from '../../stores/session.ts';
import { FileMenu } from './file-menu.tsx';
import { JobView } from './job-view.tsx';

/** The project on the screen, marked while there is something to save. */
function ProjectName() {
  const { name, dirty } = useProject();
  const model = useSession((s) => s.model?.name);
  if (model === undefined) return <span className="brand">Requant</span>;
  return (
    <span className="brand" title={dirty ? `${name ?? model}: not saved` : name ?? model} data-testid="project-name" data-dirty={dirty}>
      {name ?? 'Requant'}{dirty && <span className="unsaved" role="img" aria-label="not saved">•</span>}
    </span>
  );
}

export function Toolbar() {
  return (
    <header className="toolbar" role="toolbar" aria-label="Main">
      <FileMenu />
      <ProjectName />
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
      <ActionButton action="save-project" testId="toolbar-save-project" text={null} look="quiet" />
      <ActionButton action="save-run" testId="toolbar-save-run" text={null} look="quiet" />
      <ActionButton action="toggle-theme" testId="theme-toggle" text={null} look="quiet" />
    </header>
  );
}
