// What a sweep varies: ticks for methods and schemes, and how many configurations that makes.
import { CALIBRATION_METHODS, choicesOf, FULL_SWEEP } from '../../../core/contract/index.ts';
import { ActionButton } from '../../controls/action-button.tsx';
import { useRunForm } from '../../stores/run-form.ts';
import { useSession } from '../../stores/session.ts';
import { useSweeps, vary } from '../../stores/sweeps.ts';
import { METHOD_TEXT } from '../configuration/calibration-parameters.ts';
import { SCHEME_TEXT } from './scheme-text.ts';

function Tick({ label, on, testId, change }: { readonly label: string; readonly on: boolean; readonly testId: string; readonly change: () => void }) {
  return <label className="check"><input type="checkbox" checked={on} data-testid={testId} onChange={change} />{label}</label>;
}

const samples = (text: string): string => (text.trim() === '' ? 'all' : text.trim());

export function SweepForm() {
  const plan = useSweeps((s) => s.plan);
  const form = useRunForm();
  const labelled = useSession((s) => s.data.evaluation?.labelled ?? false);
  const count = choicesOf(plan).length;
  return (
    <div className="sweep-form" role="group" aria-label="What the sweep varies">
      <fieldset>
        <legend>Calibration</legend>
        {CALIBRATION_METHODS.map((method) => <Tick key={method} label={METHOD_TEXT[method]} on={plan.methods.includes(method)} testId={`sweep-${method}`} change={() => vary('methods', method)} />)}
      </fieldset>
      <div>
        <fieldset>
          <legend>Weights</legend>
          {FULL_SWEEP.weights.map((scheme) => <Tick key={scheme} label={SCHEME_TEXT[scheme]} on={plan.weights.includes(scheme)} testId={`sweep-${scheme}`} change={() => vary('weights', scheme)} />)}
        </fieldset>
        <fieldset>
          <legend>Activations</legend>
          {FULL_SWEEP.activations.map((scheme) => <Tick key={scheme} label={SCHEME_TEXT[scheme]} on={plan.activations.includes(scheme)} testId={`sweep-${scheme}`} change={() => vary('activations', scheme)} />)}
        </fieldset>
      </div>
      <ActionButton action="sweep" testId="sweep-start" text={count === 1 ? 'Sweep 1 configuration' : `Sweep ${count} configurations`} look="primary" />
      <p className="field-note">Samples as for a run: {samples(form.analysis)} for errors{labelled && `, ${samples(form.accuracy)} for accuracy`}. All else as configured.</p>
    </div>
  );
}
