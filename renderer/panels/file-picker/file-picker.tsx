// The file picker of `requant serve`: folders and files on the engine's side, below its root. Arrow keys and Enter choose, Backspace goes up.
import { Command } from 'cmdk';
import { ChevronRight, CornerLeftUp, File, Folder, FolderUp, HardDriveDownload, Upload } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { isProjectName, type FileKind, type FolderEntry } from '../../../core/contract/index.ts';
import { RequantError } from '../../../core/errors/index.ts';
import { Dialog } from '../../controls/dialog.tsx';
import { bytesText } from '../../controls/number-text.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { useFilePicker, type PickerQuestion } from '../../stores/file-picker.ts';
import { useFolder } from './use-folder.ts';

const TITLES: Readonly<Record<FileKind, string>> = {
  model: 'Open a model or a project', project: 'Open a project', data: 'Open data', images: 'Open a folder of images', labels: 'Open labels',
};
const NOTHING: Readonly<Record<FileKind, string>> = {
  model: 'No .onnx, .tflite, .pb or .requant file here.', project: 'No .requant file here.', data: 'No .npz, .npy, .raw or .bin file here.',
  images: 'No folder or image here.', labels: 'No .csv or .npy file here.',
};

const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);
const above = (folder: string): string => folder.split('/').slice(0, -1).join('/');
const dateText = (at: number): string => new Date(at).toLocaleDateString('en-CA');

/** The folder as a trail of buttons, the root first. */
function Trail({ root, folder, go }: { readonly root: string; readonly folder: string; readonly go: (folder: string) => void }) {
  const parts = folder === '' ? [] : folder.split('/');
  return (
    <nav className="trail" aria-label="Folder">
      {[root, ...parts].map((part, i) => (
        <span key={i} className="trail-part">
          {i > 0 && <ChevronRight size={12} aria-hidden />}
          <button type="button" className="link" aria-current={i === parts.length ? 'location' : undefined} onClick={() => go(parts.slice(0, i).join('/'))}>{part}</button>
        </span>
      ))}
    </nav>
  );
}

function Row({ entry, choose }: { readonly entry: FolderEntry; readonly choose: (entry: FolderEntry) => void }) {
  const Icon = entry.kind === 'folder' ? Folder : File;
  return (
    <Command.Item value={entry.name} className="picker-row" data-testid={`pick-${entry.name}`} onSelect={() => choose(entry)}>
      <Icon size={15} aria-hidden className={`picker-icon ${entry.kind}`} />
      <span className="picker-name">{entry.name}</span>
      <span className="picker-size">{entry.kind === 'file' ? bytesText(entry.size) : ''}</span>
      <span className="picker-date">{dateText(entry.changed)}</span>
    </Command.Item>
  );
}

function Picker({ question }: { readonly question: PickerQuestion }) {
  const { kind, saveAs, answer } = question;
  const studio = useStudio();
  const folder = useFilePicker((s) => s.folder);
  const [filter, setFilter] = useState('');
  const [name, setName] = useState(saveAs ?? '');
  const [problem, setProblem] = useState<RequantError | null>(null);
  const [replacing, setReplacing] = useState(false);
  const { view, error } = useFolder(folder, kind, filter);
  const go = (next: string): void => { setFilter(''); setProblem(null); setReplacing(false); useFilePicker.setState({ folder: next }); };
  const ask = async <T,>(work: () => Promise<T>): Promise<T | null> => {
    try { return await work(); } catch (thrown) { setProblem(RequantError.from(thrown)); return null; }
  };
  const take = async (path: string): Promise<void> => {
    const chosen = await ask(() => studio.client().call('files.choose', { path, kind }));
    if (chosen) answer(chosen.files);
  };
  const choose = (entry: FolderEntry): void => {
    if (entry.kind === 'folder') go(join(folder, entry.name));
    else if (saveAs !== null) { setName(entry.name); setReplacing(false); }
    // Images are chosen as a whole folder.
    else if (kind !== 'images') void take(join(folder, entry.name));
  };
  const fullName = isProjectName(name) ? name : `${name.trim()}.requant`;
  const save = async (): Promise<void> => {
    const target = await ask(() => studio.client().call('files.target', { folder, name: fullName }));
    if (!target) return;
    if (target.exists && !replacing) return setReplacing(true);
    answer([target.file]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Backspace' && filter === '' && folder !== '') { event.preventDefault(); go(above(folder)); }
  };
  const shown = problem ?? error;
  const actions = saveAs === null
    ? (
      <>
        <button type="button" className="button" data-testid="picker-upload" onClick={() => answer('upload')}><Upload size={14} aria-hidden />{kind === 'images' ? 'Upload a folder from this computer' : 'Upload from this computer'}</button>
        {kind === 'model' && <button type="button" className="button" data-testid="picker-upload-folder" onClick={() => answer('upload-folder')}><FolderUp size={14} aria-hidden />Upload a folder</button>}
        <span className="spacer" />
        {kind === 'images' && <button type="button" className="button primary" data-testid="picker-folder" aria-disabled={!view} onClick={() => { if (view) void take(folder); }}>Use this folder</button>}
        <button type="button" className="button" onClick={() => answer([])}>Cancel</button>
      </>
    ) : (
      <>
        <button type="button" className="button" data-testid="picker-download" onClick={() => answer('download')}><HardDriveDownload size={14} aria-hidden />Download instead</button>
        <span className="spacer" />
        <button type="button" className="button" onClick={() => answer([])}>Cancel</button>
        <button type="button" className="button primary" data-testid="picker-save" aria-disabled={name.trim() === ''} onClick={() => { if (name.trim() !== '') void save(); }}>{replacing ? 'Replace it' : 'Save'}</button>
      </>
    );
  return (
    <Dialog title={saveAs === null ? TITLES[kind] : 'Save project'} open size="large" testId="file-picker" onClose={() => answer([])} actions={actions}>
      <Trail root={view?.root ?? '…'} folder={folder} go={go} />
      <Command className="picker" label="Files" shouldFilter={false} loop onKeyDown={onKeyDown}>
        <Command.Input className="input" placeholder="Filter by name" value={filter} onValueChange={setFilter} data-testid="picker-filter" autoFocus={saveAs === null} />
        <Command.List className="picker-list" label="Files and folders">
          {folder !== '' && filter === '' && (
            <Command.Item value=".." className="picker-row" data-testid="pick-up" onSelect={() => go(above(folder))}>
              <CornerLeftUp size={15} aria-hidden className="picker-icon" /><span className="picker-name">Up to {above(folder).split('/').at(-1) || view?.root}</span>
            </Command.Item>
          )}
          {view?.entries.map((entry) => <Row key={entry.name} entry={entry} choose={choose} />)}
          {view?.entries.length === 0 && <p className="picker-note">{filter === '' ? NOTHING[kind] : 'No name contains this.'}</p>}
          {!view && !shown && <p className="picker-note">Reading the folder…</p>}
        </Command.List>
      </Command>
      {view !== null && view.more > 0 && <p className="field-note">{view.more.toLocaleString('en')} more are not shown; type a part of the name.</p>}
      {kind === 'images' && view && <p className="field-note">{view.fitting === 0 ? 'No images lie in this folder itself; those in folders below it count too.' : `${view.fitting.toLocaleString('en')} images in this folder; those in folders below it count too.`}</p>}
      {kind === 'model' && saveAs === null && <p className="field-note">Where an .onnx keeps its weights in other files, upload it together with them, or the folder that holds them all.</p>}
      {saveAs !== null && (
        <div className="picker-save">
          <label htmlFor="picker-name" className="row-label">Name</label>
          <input
            id="picker-name" className="input" autoFocus spellCheck={false} autoComplete="off" data-testid="picker-name" value={name}
            onChange={(event) => { setName(event.target.value); setReplacing(false); setProblem(null); }} onKeyDown={(event) => { if (event.key === 'Enter' && name.trim() !== '') void save(); }}
          />
        </div>
      )}
      {replacing && <p className="field-error" role="alert">There is a {fullName} here already. Save once more to replace it.</p>}
      {shown && <p className="field-error" role="alert" data-testid="picker-error">{shown.message}. {shown.hint}</p>}
    </Dialog>
  );
}

export function FilePicker() {
  const question = useFilePicker((s) => s.question);
  return question && <Picker question={question} />;
}
