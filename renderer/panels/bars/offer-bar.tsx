// Offers a session that ended without being saved: by a crash, or by closing the window over unsaved work.
import { History } from 'lucide-react';
import { discardOffer } from '../../calls/keep-sitting.ts';
import { openProject } from '../../calls/open-project.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { useProject } from '../../stores/project.ts';

const whenText = (at: number): string => new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export function OfferBar() {
  const studio = useStudio();
  const offer = useProject((s) => s.offer);
  if (!offer) return null;
  const runs = offer.runs === 0 ? 'no runs yet' : offer.runs === 1 ? '1 run' : `${offer.runs} runs`;
  return (
    <section className="offer" aria-label="Unsaved session" data-testid="offer">
      <History size={15} aria-hidden />
      <p>The session of {whenText(offer.savedAt)} was not saved: <b>{offer.project?.name ?? offer.model}</b>, {runs}.</p>
      <button type="button" className="button primary" data-testid="offer-restore" onClick={() => void openProject(studio, { kind: 'sitting', sitting: offer })}>Restore</button>
      <button type="button" className="button" data-testid="offer-discard" onClick={() => void discardOffer(studio)}>Discard</button>
    </section>
  );
}
