// Asks what to do about a project whose model is missing or is no longer what it was.
import { AlertDialog } from 'radix-ui';
import type { FileState } from '../../../core/contract/index.ts';
import { chooseFiles } from '../../calls/choose-files.ts';
import { applyProject, openProject } from '../../calls/open-project.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { useProject } from '../../stores/project.ts';

const TITLES: Readonly<Record<Exclude<FileState, 'same'>, string>> = {
  changed: 'The model has changed', missing: 'The model is not there', uploaded: 'The model has to be chosen again',
};

function text(state: Exclude<FileState, 'same'>, name: string, runs: number): string {
  const left = runs > 0 ? ` The ${runs === 1 ? 'run' : `${runs} runs`} of the project ${runs === 1 ? 'was' : 'were'} made with the earlier one and would be left out.` : '';
  switch (state) {
    case 'changed': return `${name} is not the file that this project was saved with. Its content differs.${left}`;
    case 'missing': return `${name} is no longer where it was when this project was saved. Choose where it is now.`;
    case 'uploaded': return `${name} had been uploaded, and the upload is gone with the server that took it. Choose or upload it again.`;
  }
}

export function ModelQuestion() {
  const studio = useStudio();
  const asking = useProject((s) => s.asking);
  if (!asking) return null;
  const { source, found } = asking;
  const { state, name } = found.model;
  if (state === 'same') return null;
  const close = (): void => useProject.setState({ asking: null });
  const choose = async (): Promise<void> => {
    close();
    const [file] = await chooseFiles(studio, 'model');
    if (file) await openProject(studio, source, file);
    // Nothing chosen: the question still stands.
    else useProject.setState({ asking });
  };
  return (
    <AlertDialog.Root open onOpenChange={(open) => { if (!open) close(); }}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="dialog-overlay" />
        <AlertDialog.Content className="dialog medium" data-testid="model-question">
          <header className="dialog-head"><AlertDialog.Title className="dialog-title">{TITLES[state]}</AlertDialog.Title></header>
          <AlertDialog.Description className="dialog-body">{text(state, name, found.content.runs.length)}</AlertDialog.Description>
          <footer className="dialog-actions">
            {state === 'changed' && <button type="button" className="button" data-testid="open-changed" onClick={() => { close(); void applyProject(studio, source, found, false); }}>Open it as it is now</button>}
            <span className="spacer" />
            <AlertDialog.Cancel className="button">Cancel</AlertDialog.Cancel>
            <button type="button" className="button primary" data-testid="choose-model" onClick={() => void choose()}>Choose the model</button>
          </footer>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
