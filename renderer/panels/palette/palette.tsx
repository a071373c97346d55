// The command palette: every action by name, with its shortcut, and with the reason where it cannot be done now.
import { Command } from 'cmdk';
import { ACTIONS } from '../../actions/index.ts';
import { shortcutText } from '../../actions/keys.ts';
import { isMac, perform } from '../../actions/shortcuts.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { useView } from '../../stores/view.ts';

export function Palette() {
  const open = useView((s) => s.palette);
  const studio = useStudio();
  const show = (palette: boolean): void => useView.setState({ palette });
  return (
    <Command.Dialog open={open} onOpenChange={show} label="All commands" loop overlayClassName="palette-overlay" contentClassName="palette" aria-describedby={undefined}>
      <Command.Input className="input palette-input" placeholder="What do you want to do?" data-testid="palette-input" />
      <Command.List className="palette-list">
        <Command.Empty className="field-note">No command has this name.</Command.Empty>
        {open && ACTIONS.filter(({ id }) => id !== 'palette').map((action) => {
          const why = action.why?.() ?? null;
          const note = why ?? action.detail?.() ?? null;
          const [key] = action.keys ?? [];
          return (
            <Command.Item key={action.id} value={action.label} className="palette-item" disabled={why !== null} data-testid={`palette-${action.id}`} onSelect={() => { show(false); perform(action, studio); }}>
              <span>{action.label}</span>
              {note !== null && <span className="palette-why">{note}</span>}
              {key !== undefined && <kbd>{shortcutText(key, isMac())}</kbd>}
            </Command.Item>
          );
        })}
      </Command.List>
    </Command.Dialog>
  );
}
