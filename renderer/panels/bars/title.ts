// The window's title: the project or the model, with a mark while there is something to save.
import { useProject } from '../../stores/project.ts';
import { useSession } from '../../stores/session.ts';

export function titleText(): string {
  const { name, dirty } = useProject.getState();
  const model = useSession.getState().model?.name;
  return model === undefined ? 'Requant' : `${dirty ? '• ' : ''}${name ?? model} - Requant`;
}

export function installTitle(): void {
  const show = (): void => { const text = titleText(); if (document.title !== text) document.title = text; };
  useProject.subscribe(show);
  useSession.subscribe(show);
}
