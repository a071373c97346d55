// Calibration and evaluation data: load it, see what the model will see, preprocess it.
import { X } from 'lucide-react';
import { DATA_ROLES, type DataRole, type DataView } from '../../../core/contract/index.ts';
import { closeData } from '../../calls/open-data.ts';
import { ActionButton } from '../../controls/action-button.tsx';
import { numberText } from '../../controls/number-text.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { shapeText } from '../../graph/derive.ts';
import { useDataForms } from '../../stores/data-form.ts';
import { useSession } from '../../stores/session.ts';
import { PreprocessingFields } from './preprocessing-fields.tsx';
import { Thumbnail } from './thumbnail.tsx';

const TITLES: Readonly<Record<DataRole, string>> = { calibration: 'Calibration', evaluation: 'Evaluation' };
/** How many classes are named in the panel; all of them stand in its tip. */
const NAMED = 4;
const PURPOSES: Readonly<Record<DataRole, string>> = {
  calibration: 'Samples that show the range of every activation.',
  evaluation: 'Labelled samples to measure errors and accuracy.',
};

/** Which folder became which class. */
function Classes({ classes }: { readonly classes: NonNullable<DataView['classes']> }) {
  const named = classes.map(({ label, name }) => `${label} ${name}`);
  return <span data-testid="data-classes" title={named.join(', ')}>classes by folder: {named.slice(0, NAMED).join(', ')}{named.length > NAMED && ` and ${named.length - NAMED} more`}</span>;
}

function RoleData({ role }: { readonly role: DataRole }) {
  const studio = useStudio();
  const view = useSession((s) => s.data[role]);
  const labels = useDataForms((s) => s[role].labels);
  return (
    <div className="data-role" data-testid={`data-${role}`}>
      <div className="data-head">
        <h3>{TITLES[role]}</h3>
        <ActionButton action={`load-${role}`} text="File" />
        <ActionButton action={`load-images-${role}`} text={null} />
        <ActionButton action={`load-labels-${role}`} text={null} />
        {view && (
          <button type="button" className="button quiet icon-only" aria-label={`Close ${role} data`} onClick={() => void closeData(studio, role)}><X size={14} aria-hidden /></button>
        )}
      </div>
      {!view ? <p className="field-note">{PURPOSES[role]}{labels && ` Labels chosen: ${labels.name}.`}</p> : (
        <>
          <p className="data-facts">
            <span className="file-name" title={view.name}>{view.name}</span>
            <span>{view.samples.toLocaleString('en')} × <span className="mono">{shapeText(view.shape)}</span>, {view.labelled ? 'labelled' : 'no labels'}</span>
            {view.classes && <Classes classes={view.classes} />}
            <span>range <span className="mono">{numberText(view.min)} … {numberText(view.max)}</span></span>
          </p>
          {view.preview.length > 0 && <div className="thumbnails">{view.preview.map((sample, i) => <Thumbnail key={i} sample={sample} name={view.classes?.find(({ label }) => label === sample.label)?.name} />)}</div>}
        </>
      )}
      <details className="preprocessing">
        <summary>Preprocessing</summary>
        <PreprocessingFields role={role} />
      </details>
    </div>
  );
}

export function DataPanel() {
  return <>{DATA_ROLES.map((role) => <RoleData key={role} role={role} />)}</>;
}
