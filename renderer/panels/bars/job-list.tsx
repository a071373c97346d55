// The jobs in their order: the one that is worked on with its progress, and those that wait. Each can be cancelled.
import { ListOrdered, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { durationText } from '../../controls/number-text.ts';
import { useSession, type Job } from '../../stores/session.ts';

const percentOf = ({ progress }: Job): number | null => progress && Math.round(Math.min(1, Math.max(0, progress.fraction)) * 100);

function state(job: Job, first: boolean): string {
  const { progress } = job;
  if (job.cancelling) return 'Cancelling';
  if (!progress) return first ? 'Working' : 'Waiting';
  const left = progress.secondsLeft === undefined ? '' : `, ${durationText(progress.secondsLeft)} left`;
  return `${[progress.stage, progress.detail].filter(Boolean).join(': ')}, ${percentOf(job) ?? 0} %${left}`;
}

function JobRow({ job, first }: { readonly job: Job; readonly first: boolean }) {
  const percent = percentOf(job);
  return (
    <li className="job-row" data-testid="job" data-state={first ? 'working' : 'waiting'}>
      <span className="job-title">{job.title}</span>
      <span className="job-state">{state(job, first)}</span>
      {percent !== null && <span className="job-bar" role="progressbar" aria-label={job.title} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}><span style={{ width: `${percent}%` }} /></span>}
      <button type="button" className="button quiet icon-only small" aria-label={`Cancel ${job.title}`} aria-disabled={job.cancelling} data-testid="cancel-job" onClick={() => { if (!job.cancelling) job.cancel(); }}><X size={14} aria-hidden /></button>
    </li>
  );
}

export function JobList() {
  const jobs = useSession((s) => s.jobs);
  const waiting = Math.max(0, jobs.length - 1);
  const text = waiting === 0 ? 'Jobs' : `${waiting} waiting`;
  return (
    <Popover.Root>
      <Popover.Trigger className="button quiet" aria-label={`${text}: show the jobs`} data-testid="jobs"><ListOrdered size={15} aria-hidden /><span>{text}</span></Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="job-list" aria-label="Jobs" align="start" sideOffset={8} collisionPadding={8}>
          {jobs.length === 0 ? <p className="field-note">Nothing is running. Start as many runs as you like: each waits for the one before it.</p>
            : <ol>{jobs.map((job, i) => <JobRow key={job.id} job={job} first={i === 0} />)}</ol>}
          {waiting > 0 && <p className="field-note">The engine works on one job at a time, in this order.</p>}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
