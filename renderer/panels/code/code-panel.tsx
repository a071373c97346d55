// The current configuration as code, to be copied: what was chosen by clicking can be used in a script.
import { useState } from 'react';
import { Check, Copy } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { NO_PREPROCESSING } from '../../../core/contract/index.ts';
import { CODE, LANGUAGES, type Language } from '../../code/index.ts';
import { Segmented } from '../../controls/segmented.tsx';
import { parseForm, useDataForms } from '../../stores/data-form.ts';
import { log } from '../../stores/messages.ts';
import { useRecipe } from '../../stores/recipe.ts';
import { samplesOf, useRunForm } from '../../stores/run-form.ts';
import { useSession } from '../../stores/session.ts';

const OPTIONS = LANGUAGES.map((value) => ({ value, label: CODE[value].label, testId: `code-${value}` }));

export function CodePanel() {
  const [language, setLanguage] = useState<Language>('typescript');
  const [copied, setCopied] = useState('');
  const recipe = useRecipe((s) => s.recipe);
  const { model, origin, inputShapes, data } = useSession(useShallow(({ model, origin, inputShapes, data }) => ({ model, origin, inputShapes, data })));
  const chosen = useDataForms((s) => s.calibration);
  const form = useRunForm();
  if (!model) return <p className="field-note">Open a model; its configuration is then shown here as code.</p>;
  const { calibration } = data, { files } = chosen, parsed = parseForm(chosen);
  const text = CODE[language].write({
    recipe, inputShapes, preprocessing: calibration?.preprocessing ?? NO_PREPROCESSING,
    model: origin !== null && origin !== 'sample' ? origin.name : model.name,
    raw: 'raw' in parsed ? parsed.raw : undefined,
    data: files[0]?.name ?? calibration?.name ?? 'calibration.npz',
    samples: form.calibration.trim() === '' ? undefined : samplesOf(form, data).calibrationSamples,
  });
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(() => setCopied(text), () => log('The clipboard is closed to this page. Select the text and copy it.', 'error'));
  };
  return (
    <div className="code-panel">
      <div className="code-bar">
        <Segmented label="Language" value={language} options={OPTIONS} onChange={setLanguage} />
        <button type="button" className="button" data-testid="copy-code" onClick={copy}>
          {copied === text ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}<span aria-live="polite">{copied === text ? 'Copied' : 'Copy'}</span>
        </button>
        <span className="field-note">Files are named as they were opened; add their folders.</span>
      </div>
      <pre className="code-text" tabIndex={0} aria-label={`The configuration as ${CODE[language].label}`} data-testid="code-text">{text}</pre>
    </div>
  );
}
