// What is under way: stage, how far, time left, and how to cancel it.
import { durationText } from '../../controls/number-text.ts';
import { ActionButton } from '../../controls/action-button.tsx';
import { useSession } from '../../stores/session.ts';

export function JobView() {
  const job = useSession((s) => s.jobs.find((j) => j.kind === 'run') ?? s.jobs[0]);
  if (!job) return null;
  const { progress } = job;
  const percent = progress && Math.round(Math.min(1, Math.max(0, progress.fraction)) * 100);
  const text = job.cancelling ? 'Cancelling' : progress ? [progress.stage, progress.detail].filter(Boolean).join(': ') : job.title;
  return (
    <div className="job" data-testid="progress">
      <div className="job-text">
        <span className="job-stage" title={text}>{text}</span>
        {progress && <span className="job-left">{percent} %{progress.secondsLeft !== undefined && `, ${durationText(progress.secondsLeft)} left`}</span>}
      </div>
      <div className={`job-bar${progress ? '' : ' unknown'}`} role="progressbar" aria-label={job.title} aria-valuemin={0} aria-valuemax={100} {...(percent !== null && { 'aria-valuenow': percent })}>
        <div style={progress ? { width: `${percent ?? 0}%` } : {}} />
      </div>
      <ActionButton action="cancel" text={null} look="quiet" />
    </div>
  );
}
