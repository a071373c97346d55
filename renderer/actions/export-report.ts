// Export a report of the shown run: one HTML file, to be read, sent and printed.
import { FileText } from 'lucide-react';
import { reportNow, whyNoReport } from '../export/now.ts';
import { runName, shownRun, useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

export const exportReportAction: Action = {
  id: 'export-report', label: 'Export a report of the run as HTML', icon: FileText,
  why: whyNoReport,
  run: (studio) => {
    const session = useSession.getState(), run = shownRun(session), text = reportNow(new Date());
    if (!run || text === null) return;
    return studio.door.saveFile(`${session.model?.name ?? 'model'}_${runName(run).toLowerCase().replace(' ', '_')}_report.html`, new TextEncoder().encode(text), 'text/html');
  },
};
