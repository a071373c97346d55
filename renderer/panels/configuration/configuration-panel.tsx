// The recipe's general choices: preset, calibration, schemes, requantization, bias correction, and what differs by node; of a model that arrives quantized,
// its flavour and what errors are measured against.
import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { CALIBRATION_METHODS, type Recipe } from '../../../core/contract/index.ts';
import { Row, SelectField, TextField } from '../../controls/field.tsx';
import { Segmented } from '../../controls/segmented.tsx';
import { Tip } from '../../controls/tip.tsx';
import { edit, setMethod, setPreset, useRecipe } from '../../stores/recipe.ts';
import { recipeText } from '../../stores/recipe-edit.ts';
import { select } from '../../stores/selection.ts';
import { useSession } from '../../stores/session.ts';
import { METHOD_TEXT, METHOD_PARAMETERS, parseBins, parsePercentile } from './calibration-parameters.ts';

/** A recipe without the choices of single nodes. */
type General = Omit<Recipe, 'nodes'>;

const METHOD_OPTIONS = CALIBRATION_METHODS.map((value) => ({ value, label: METHOD_TEXT[value] }));

const setCalibration = (part: Partial<Recipe['calibration']>): void => edit((recipe) => ({ ...recipe, calibration: { ...recipe.calibration, ...part } }));
const choose = (part: Partial<Recipe>): void => edit((recipe) => ({ ...recipe, ...part }));

function CalibrationFields({ calibration }: { readonly calibration: Recipe['calibration'] }) {
  const parameters = METHOD_PARAMETERS[calibration.method];
  return (
    <>
      <SelectField label="Calibration" value={calibration.method} options={METHOD_OPTIONS} testId="calibration-method" onChange={setMethod} />
      {parameters.includes('bins') && (
        <TextField
          label="Bins" numeric value={calibration.bins?.toString() ?? ''} placeholder="default" testId="calibration-bins"
          onCommit={(text) => {
            const bins = parseBins(text);
            if (bins === 'default') edit(({ calibration: { bins: _, ...rest }, ...recipe }) => ({ ...recipe, calibration: rest }));
            else if (bins !== null) setCalibration({ bins });
          }}
        />
      )}
      {parameters.includes('percentile') && (
        <TextField
          label="Percentile" numeric value={calibration.percentile?.toString() ?? ''} placeholder="default" testId="calibration-percentile"
          onCommit={(text) => {
            const percentile = parsePercentile(text);
            if (percentile === 'default') edit(({ calibration: { percentile: _, ...rest }, ...recipe }) => ({ ...recipe, calibration: rest }));
            else if (percentile !== null) setCalibration({ percentile });
          }}
        />
      )}
    </>
  );
}

function RequantizationRow({ label, value }: { readonly label: string; readonly value: Recipe['requantization'] }) {
  return (
    <Row label={label}>
      <Segmented
        label="Requantization" value={value} onChange={(requantization) => choose({ requantization })}
        options={[{ value: 'sima', label: 'SiMa', testId: 'requantization-sima' }, { value: 'tflite', label: 'TFLite', testId: 'requantization-tflite' }]}
      />
    </Row>
  );
}

/** The file's own scales are kept: nothing else is left to choose. */
function ArrivedFields({ recipe }: { readonly recipe: General }) {
  return (
    <div className="fields">
      <RequantizationRow label="Flavour" value={recipe.requantization} />
      <Row label="Errors to">
        <Segmented
          label="What errors are measured against" value={recipe.against ?? 'float'} onChange={(against) => choose({ against })}
          options={[{ value: 'float', label: 'Float', testId: 'against-float' }, { value: 'tflite', label: 'TFLite', testId: 'against-tflite' }]}
        />
      </Row>
      <p className="muted">The model arrives quantized, and its scales are kept.</p>
    </div>
  );
}

/** What differs by node: how much it is, and a way to it. */
function Overrides() {
  const recipe = useRecipe((s) => s.recipe), overridden = Object.keys(recipe.nodes);
  return (
    <div className="overrides">
      <span data-testid="recipe-text">{recipeText(recipe)}</span>
      {overridden.length > 0 && (
        <>
          <button type="button" className="link" onClick={() => select(overridden)}>Select them</button>
          <button type="button" className="link" data-testid="clear-choices" onClick={() => choose({ nodes: {} })}>Clear</button>
        </>
      )}
    </div>
  );
}

/** Drawn again only for what it shows: choices of single nodes are made far more often than these. */
export const ConfigurationPanel = memo(function ConfigurationPanel() {
  const recipe: General = useRecipe(useShallow(({ recipe: { nodes: _, ...general } }) => general));
  const nodes = useSession((s) => s.model?.nodes) ?? [];
  const arrived = useSession((s) => s.model?.arrived);
  if (arrived) return <ArrivedFields recipe={recipe} />;
  return (
    <div className="fields">
      <Row label="Preset">
        <Segmented
          label="Preset" value={recipe.preset} onChange={(preset) => setPreset(preset, nodes)}
          options={[{ value: 'int8', label: 'int8', testId: 'preset-int8' }, { value: 'int16', label: 'int16', testId: 'preset-int16' }]}
        />
      </Row>
      <CalibrationFields calibration={recipe.calibration} />
      <Row label="Weights">
        <Segmented
          label="Weights" value={recipe.weights} onChange={(weights) => choose({ weights })}
          options={[{ value: 'per-channel', label: 'Per channel', testId: 'weights-per-channel' }, { value: 'per-tensor', label: 'Per tensor', testId: 'weights-per-tensor' }]}
        />
      </Row>
      <Row label="Activations">
        <Segmented
          label="Activations" value={recipe.activations} onChange={(activations) => choose({ activations })}
          options={[{ value: 'asymmetric', label: 'Asymmetric', testId: 'activations-asymmetric' }, { value: 'symmetric', label: 'Symmetric', testId: 'activations-symmetric' }]}
        />
      </Row>
      <RequantizationRow label="Requantize" value={recipe.requantization} />
      <Row label="Rounding">
        <Segmented
          label="Rounding of weights" value={recipe.weightRounding} onChange={(weightRounding) => choose({ weightRounding })}
          options={[{ value: 'squant', label: 'SQuant', testId: 'rounding-squant' }, { value: 'nearest', label: 'Nearest', testId: 'rounding-nearest' }]}
        />
      </Row>
      <label className="check">
        <input type="checkbox" checked={recipe.biasCorrection} data-testid="bias-correction" onChange={(event) => choose({ biasCorrection: event.target.checked })} />
        Bias correction
      </label>
      <label className="check">
        <input type="checkbox" checked={recipe.channelEqualization} data-testid="channel-equalization" onChange={(event) => choose({ channelEqualization: event.target.checked })} />
        Channel equalization
      </label>
      <Tip text="Quantizes nothing: the whole model stays in float32 on the APU (ModelSDK: arm_only). Precisions chosen for nodes are kept for when this is off again.">
        <label className="check">
          <input type="checkbox" checked={recipe.armOnly === true} data-testid="arm-only" onChange={(event) => choose({ armOnly: event.target.checked || undefined })} />
          ARM only (all in float)
        </label>
      </Tip>
      <Overrides />
    </div>
  );
});
