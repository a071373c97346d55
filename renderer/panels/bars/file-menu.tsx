// The menu of the page: what the desktop has in its own menu bar too, and the files opened last.
import { ChevronRight, Menu } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { actionById } from '../../actions/index.ts';
import { shortcutText } from '../../actions/keys.ts';
import { isMac, perform } from '../../actions/shortcuts.ts';
import { openFile } from '../../calls/open-file.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { useRecents } from '../../stores/recents.ts';

const GROUPS: readonly (readonly string[])[] = [
  ['open-model', 'open-project', 'open-sample'],
  ['save-project', 'save-project-as'],
  ['save-run', 'export-graph', 'export-report', 'export-layers'],
  ['settings', 'shortcuts', 'about'],
];

function ActionItem({ id }: { readonly id: string }) {
  const studio = useStudio();
  const action = actionById(id);
  const why = action.why?.() ?? null;
  const [key] = action.keys ?? [];
  return (
    <DropdownMenu.Item className="menu-item" disabled={why !== null} title={why ?? undefined} data-testid={`menu-${id}`} onSelect={() => perform(action, studio)}>
      <span>{action.label}</span>
      {key !== undefined && <kbd>{shortcutText(key, isMac())}</kbd>}
    </DropdownMenu.Item>
  );
}

function Recents() {
  const studio = useStudio();
  const files = useRecents((s) => s.files);
  return (
    <DropdownMenu.Sub>
      <DropdownMenu.SubTrigger className="menu-item" disabled={files.length === 0} data-testid="menu-recents"><span>Open recent</span><ChevronRight size={14} aria-hidden /></DropdownMenu.SubTrigger>
      <DropdownMenu.Portal>
        <DropdownMenu.SubContent className="menu" sideOffset={4}>
          {files.map(({ file, place, missing }) => (
            <DropdownMenu.Item key={file.id} className="menu-item recent" disabled={missing} data-testid={`menu-recent-${file.name}`} onSelect={() => void openFile(studio, file)}>
              <span>{file.name}</span><span className="menu-note">{missing ? 'missing' : place}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.SubContent>
      </DropdownMenu.Portal>
    </DropdownMenu.Sub>
  );
}

export function FileMenu() {
  return (
    // Not modal: what is behind stays reachable to assistive technology, and a click there closes the menu.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button quiet icon-only" aria-label="Menu" data-testid="file-menu"><Menu size={16} aria-hidden /></DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={6}>
          {GROUPS.map((group, i) => (
            <DropdownMenu.Group key={group[0]}>
              {i > 0 && <DropdownMenu.Separator className="menu-line" />}
              {group.map((id) => <ActionItem key={id} id={id} />)}
              {i === 0 && <Recents />}
            </DropdownMenu.Group>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
