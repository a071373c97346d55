// What there is to know about this program: its version, the libraries that come with it and their licences.
import { useEffect, useState } from 'react';
import * as v from 'valibot';
import { Dialog } from '../../controls/dialog.tsx';
import { Facts } from '../../controls/facts.tsx';
import { useSession } from '../../stores/session.ts';
import { useSettings } from '../../stores/settings.ts';
import { useView } from '../../stores/view.ts';

/** Written by the build (renderer/build/licences.ts). */
const Libraries = v.array(v.object({ name: v.string(), version: v.string(), licence: v.string(), text: v.string() }));
type Libraries = v.InferOutput<typeof Libraries>;

function useLibraries(open: boolean): Libraries | 'missing' | null {
  const [libraries, setLibraries] = useState<Libraries | 'missing' | null>(null);
  useEffect(() => {
    if (!open || libraries !== null) return;
    void fetch('./licences.json').then(async (response) => v.parse(Libraries, await response.json())).then(setLibraries, () => setLibraries('missing'));
  }, [open, libraries]);
  return libraries;
}

function LibraryList({ libraries }: { readonly libraries: Libraries }) {
  return (
    <ul className="libraries" data-testid="libraries">
      {libraries.map(({ name, version, licence, text }) => (
        <li key={`${name} ${version}`}>
          <details>
            <summary><span className="library-name">{name}</span> <span className="muted">{version}</span><span className="library-licence">{licence}</span></summary>
            <pre tabIndex={0} aria-label={`Licence of ${name}`}>{text || 'The package names its licence and brings no text of it.'}</pre>
          </details>
        </li>
      ))}
    </ul>
  );
}

export function AboutDialog() {
  const open = useView((s) => s.dialog === 'about');
  const version = useSession((s) => s.version);
  const cores = useSettings((s) => s.cores);
  const libraries = useLibraries(open);
  return (
    <Dialog title="About Requant" open={open} size="large" testId="about-dialog" onClose={() => useView.setState({ dialog: null })}>
      <p className="about-lead">A studio, a library and a command line for exact integer quantization of neural networks.</p>
      <Facts facts={[['Version', version || 'unknown'], ['Licence', 'Apache-2.0'], ['Engine', `${cores} ${cores === 1 ? 'core' : 'cores'}`]]} />
      <h3 className="about-head">Libraries that come with it{Array.isArray(libraries) && ` (${libraries.length})`}</h3>
      {Array.isArray(libraries) ? <LibraryList libraries={libraries} /> : <p className="field-note">{libraries === 'missing' ? 'The list of libraries is missing from this build.' : 'Reading the list…'}</p>}
    </Dialog>
  );
}
