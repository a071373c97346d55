// The command palette: every action by name, with its shortcut, and with the reason where it cannot be done now.
import { Command } from 'cmdk';
import { Dialog as Radix } from 'radix-ui';
import { useRef } from 'react';
import { ACTIONS, type Action } from '../../actions/index.ts';
import { shortcutText } from '../../actions/keys.ts';
import { isMac, perform } from '../../actions/shortcuts.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { useView } from '../../stores/view.ts';

export function Palette() {
  const open = useView((s) => s.palette);
  const studio = useStudio();
  const show = (palette: boolean): void => useView.setState({ palette });
  const chosen = useRef<Action | null>(null);
  /** Once the palette has given the keyboard back, or it would take it from a dialog that the action opens. */
  const performChosen = (): void => {
    const action = chosen.current;
    chosen.current = null;
    if (action) setTimeout(() => perform(action, studio));
  };
  return (
    <Radix.Root open={open} onOpenChange={show}>
      <Radix.Portal>
        <Radix.Overlay className="palette-overlay" />
        <Radix.Content className="palette" aria-label="All commands" aria-describedby={undefined} onCloseAutoFocus={performChosen}>
          <Command label="All commands" loop>
            <Command.Input className="input palette-input" placeholder="What do you want to do?" data-testid="palette-input" />
            <Command.List className="palette-list">
              <Command.Empty className="field-note">No command has this name.</Command.Empty>
              {open && ACTIONS.filter(({ id }) => id !== 'palette').map((action) => {
                const why = action.why?.() ?? null;
                const note = why ?? action.detail?.() ?? null;
                const [key] = action.keys ?? [];
                return (
                  <Command.Item key={action.id} value={action.label} className="palette-item" disabled={why !== null} data-testid={`palette-${action.id}`} onSelect={() => { chosen.current = action; show(false); }}>
                    <span>{action.label}</span>
                    {note !== null && <span className="palette-why">{note}</span>}
                    {key !== undefined && <kbd>{shortcutText(key, isMac())}</kbd>}
                  </Command.Item>
                );
              })}
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
