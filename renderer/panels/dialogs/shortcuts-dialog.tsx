// Every action that has a key.
import { ACTIONS } from '../../actions/index.ts';
import { shortcutText } from '../../actions/keys.ts';
import { isMac } from '../../actions/shortcuts.ts';
import { Dialog } from '../../controls/dialog.tsx';
import { useView } from '../../stores/view.ts';

export function ShortcutsDialog() {
  const open = useView((s) => s.dialog === 'shortcuts');
  return (
    <Dialog title="Keyboard shortcuts" open={open} size="large" testId="shortcuts-dialog" onClose={() => useView.setState({ dialog: null })}>
      <dl className="shortcuts">
        {ACTIONS.filter(({ keys }) => keys !== undefined && keys.length > 0).map(({ id, label, keys = [] }) => (
          <div key={id} className="shortcut">
            <dt>{label}</dt>
            <dd>{keys.map((key) => <kbd key={key}>{shortcutText(key, isMac())}</kbd>)}</dd>
          </div>
        ))}
      </dl>
      <p className="field-note">In the graph, the arrow keys go from node to node; with Shift they add to the selection.</p>
    </Dialog>
  );
}
