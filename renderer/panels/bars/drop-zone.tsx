// Files dropped anywhere on the page: models and projects open, arrays and images become calibration data where none is loaded, else evaluation data.
import { useEffect, useState } from 'react';
import { takeData } from '../../calls/open-data.ts';
import { openFile } from '../../calls/open-file.ts';
import { runJob } from '../../calls/job.ts';
import type { Studio } from '../../calls/studio.ts';
import type { SentFile } from '../../doors/model-files.ts';
import { RequantError } from '../../../core/errors/index.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { report } from '../../stores/messages.ts';
import { useSession } from '../../stores/session.ts';
import { dropMeaning } from './drop-meaning.ts';

async function accept(studio: Studio, dropped: Promise<readonly SentFile[]>): Promise<void> {
  const files = await runJob('data', 'Looking at what was dropped', () => dropped);
  if (!files) return;
  const meaning = dropMeaning(files.map(({ path }) => path));
  if (meaning === 'unknown') {
    return report(new RequantError('FORMAT_UNKNOWN', 'These files are neither a model, a project nor data', files[0] ? { file: files[0].path } : {}));
  }
  if (meaning === 'data' && !useSession.getState().model) {
    return report(new RequantError('CONFIG_INVALID', 'Data needs a model first', {}, { hint: 'Open a model, then drop the data again.' }));
  }
  const refs = await runJob(meaning, 'Reading files', () => studio.door.acceptDropped(files, meaning));
  const [first] = refs ?? [];
  if (!refs || !first) return;
  if (meaning === 'model') await openFile(studio, first);
  else await takeData(studio, useSession.getState().data.calibration ? 'evaluation' : 'calibration', refs, null);
}

export function DropZone() {
  const studio = useStudio();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent): void => { if (hasFiles(event)) { event.preventDefault(); setOver(true); } };
    const onLeave = (event: DragEvent): void => { if (event.relatedTarget === null) setOver(false); };
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer) void accept(studio, studio.door.dropped(event.dataTransfer));
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [studio]);
  return over ? <div className="drop-zone" aria-hidden>Drop a model, a project or data</div> : null;
}
