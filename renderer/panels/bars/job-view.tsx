// What is under way: stage, how far, time left, how to cancel it, and what waits behind it.
import { useEffect, useState } from 'react';
import { durationText } from '../../controls/number-text.ts';
import { ActionButton } from '../../controls/action-button.tsx';
import { useSession, type Job } from '../../stores/session.ts';
import { JobList } from './job-list.tsx';

/** A change is measured without a word where it takes no longer: the bar would come and go, and drawing it takes time from the colours. */
const SILENT_MS = 250;

function Progress({ job }: { readonly job: Job }) {
  const { progress } = job;
  const percent = progress && Math.round(Math.min(1, Math.max(0, progress.fraction)) * 100);
  const text = job.cancelling ? 'Cancelling' : progress ? [progress.stage, progress.detail].filter(Boolean).join(': ') : job.title;
  return (
    <>
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
      <JobList />
    </>
  );
}

function Draft({ job }: { readonly job: Job }) {
  const [silent, setSilent] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setSilent(false), SILENT_MS);
    return () => clearTimeout(timer);
  }, []);
  return silent ? <span data-testid="progress" hidden /> : <Progress job={job} />;
}

export function JobView() {
  const job = useSession((s) => s.jobs.find((j) => j.kind === 'run') ?? s.jobs[0]);
  if (!job) return null;
  return job.kind === 'draft' ? <Draft job={job} /> : <Progress job={job} />;
}
