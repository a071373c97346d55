// What stands where the graph will be, before a model is open: how to begin, and what was opened last.
import { FolderArchive, Network, X } from 'lucide-react';
import { openFile } from '../calls/open-file.ts';
import { removeRecent } from '../calls/recents.ts';
import { ActionButton } from '../controls/action-button.tsx';
import { IconButton } from '../controls/icon-button.tsx';
import { useStudio } from '../controls/studio-context.ts';
import { useRecents } from '../stores/recents.ts';
import { useSession } from '../stores/session.ts';

/** Files opened last; those that are gone are marked, and any can be taken from the list. */
function Recents() {
  const studio = useStudio();
  const files = useRecents((s) => s.files);
  if (files.length === 0) return null;
  return (
    <section className="recents" aria-label="Recent files" data-testid="recents">
      <h2>Recent</h2>
      <ul>
        {files.map(({ file, kind, place, missing }) => {
          const Icon = kind === 'project' ? FolderArchive : Network;
          return (
            <li key={file.id} className={missing ? 'missing' : ''}>
              <button type="button" className="recent-open" aria-disabled={missing} data-testid={`recent-${file.name}`} onClick={() => { if (!missing) void openFile(studio, file); }}>
                <Icon size={15} aria-hidden />
                <span className="recent-name">{file.name}</span>
                <span className="recent-place">{missing ? `missing from ${place}` : place}</span>
              </button>
              <IconButton icon={X} label={`Remove ${file.name} from this list`} testId={`remove-recent-${file.name}`} onClick={() => void removeRecent(studio, file)} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function Empty() {
  const connection = useSession((s) => s.connection);
  const opening = useSession((s) => s.jobs.some((job) => job.kind === 'model'));
  if (connection !== 'ready') return <section className="empty"><p>{connection === 'lost' ? 'Waiting for the engine to come back…' : 'Starting the engine…'}</p></section>;
  if (opening) return <section className="empty"><p>Opening…</p></section>;
  return (
    <section className="empty" aria-label="Begin">
      <h1>Open a network to begin</h1>
      <p>Requant opens trained ONNX and TensorFlow models (.onnx, .tflite, frozen .pb). Drop a file anywhere in this window, or:</p>
      <div className="empty-buttons">
        <ActionButton action="open-model" testId="empty-open-model" look="primary" />
        <ActionButton action="open-sample" testId="empty-open-sample" />
      </div>
      <Recents />
      <ol>
        <li>Load calibration data, and labelled data to measure accuracy.</li>
        <li>Click nodes to run them at int8, int16 or in float.</li>
        <li>Run, and see the error of every layer as colour on the graph.</li>
      </ol>
    </section>
  );
}
