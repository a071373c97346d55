// The line at the bottom: connection, selection, what the next run will be.
import { useShallow } from 'zustand/react/shallow';
import { recipeText } from '../../stores/recipe-edit.ts';
import { useRecipe } from '../../stores/recipe.ts';
import { useSelection } from '../../stores/selection.ts';
import { runName, shownRun, useSession, type Connection } from '../../stores/session.ts';

const CONNECTIONS: Readonly<Record<Connection, string>> = { connecting: 'Connecting to the engine', ready: 'Engine ready', lost: 'Engine lost, reconnecting' };

export function StatusBar() {
  const { connection, version, model } = useSession(useShallow(({ connection, version, model }) => ({ connection, version, model })));
  const run = useSession(shownRun);
  const recipe = useRecipe((s) => s.recipe);
  const selected = useSelection((s) => s.names.length);
  return (
    <footer className="status">
      <span className={`status-connection ${connection}`} data-testid="connection" data-state={connection}>{CONNECTIONS[connection]}{connection === 'ready' && version && ` ${version}`}</span>
      {model && <span data-testid="status-nodes">{selected === 0 ? `${model.nodes.length} nodes` : `${selected} of ${model.nodes.length} nodes selected`}</span>}
      <span className="spacer" />
      {model && <span>Next run: {recipeText(recipe)}</span>}
      {run && <span data-testid="status-run">Shown: {runName(run)}</span>}
    </footer>
  );
}
