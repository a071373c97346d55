// The studio starts here: door, engine, theme, shortcuts, page.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { installShortcuts } from './actions/shortcuts.ts';
import { App } from './app.tsx';
import { startStudio } from './calls/connect.ts';
import { installDrafts } from './calls/draft.ts';
import { installKeeping } from './calls/keep-sitting.ts';
import { installSettings } from './calls/settings.ts';
import { openDoor } from './doors/index.ts';
import './theme/tokens.css';
import './theme/page.css';
import './theme/controls.css';
import './panels/panels.css';
import { installTheme } from './theme/theme.ts';
import { installTitle } from './panels/bars/title.ts';

installTheme();
const studio = startStudio(openDoor());
installShortcuts(studio);
installDrafts(studio);
installKeeping(studio);
installSettings(studio);
installTitle();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no root element');
createRoot(root).render(<StrictMode><App studio={studio} /></StrictMode>);
