// The configurations of a sweep, the best first; any column sorts. Each can be taken over.
import { ArrowDown, ArrowUp, Trophy } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { isBetter, withChoice, type SweepRow, type SweepView } from '../../../core/contract/index.ts';
import { errorText, percentText } from '../../controls/number-text.ts';
import { adopt } from '../../stores/recipe.ts';
import { useSession } from '../../stores/session.ts';
import { METHOD_TEXT } from '../configuration/calibration-parameters.ts';
import { SCHEME_TEXT } from './scheme-text.ts';

type Column = Exclude<keyof SweepRow, 'weightBytes' | 'seconds'>;
interface ColumnEntry {
  readonly title: string;
  readonly text: (row: SweepRow) => string;
  readonly number?: boolean;
}
const percent = (value: number | null): string => (value === null ? '' : percentText(value));
const COLUMNS: Readonly<Record<Column, ColumnEntry>> = {
  method: { title: 'Calibration', text: ({ method }) => METHOD_TEXT[method] },
  weights: { title: 'Weights', text: ({ weights }) => SCHEME_TEXT[weights] },
  activations: { title: 'Activations', text: ({ activations }) => SCHEME_TEXT[activations] },
  top1: { title: 'Top-1', number: true, text: ({ top1 }) => percent(top1) },
  top5: { title: 'Top-5', number: true, text: ({ top5 }) => percent(top5) },
  psnr: { title: 'PSNR', number: true, text: ({ psnr }) => errorText(psnr, 'psnr') },
};
const ALL = Object.keys(COLUMNS) as Column[];

interface Order { readonly by: Column; readonly down: boolean }

function inOrder(rows: readonly SweepRow[], order: Order | null): readonly SweepRow[] {
  if (!order) return rows.toSorted((a, b) => Number(isBetter(b, a)) - Number(isBetter(a, b)));
  const { by, down } = order, { number, text } = COLUMNS[by];
  const compare = (a: SweepRow, b: SweepRow): number => (number ? Number(a[by] ?? -1) - Number(b[by] ?? -1) : text(a).localeCompare(text(b), 'en'));
  return rows.toSorted((a, b) => (down ? compare(b, a) : compare(a, b)));
}

interface SweepTableProps {
  readonly sweep: SweepView;
  readonly best: SweepRow | null;
  /** Below the rows. */
  readonly children: ReactNode;
}

export function SweepTable({ sweep, best, children }: SweepTableProps) {
  const [order, setOrder] = useState<Order | null>(null);
  const nodes = useSession((s) => s.model?.nodes) ?? [];
  const columns = ALL.filter((column) => sweep.rows.some((row) => row[column] !== null));
  // Figures are sorted from the largest, once more turns round, and the third time the best come first again.
  const sort = (by: Column): void => setOrder((now) => {
    const first = COLUMNS[by].number ?? false;
    return now?.by !== by ? { by, down: first } : now.down === first ? { by, down: !first } : null;
  });
  return (
    <div className="sweep-scroll" tabIndex={0} role="region" aria-label="Configurations measured">
      <table className="sweep-table" data-testid="sweep-table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" className={COLUMNS[column].number ? 'number' : ''} aria-sort={order?.by === column ? (order.down ? 'descending' : 'ascending') : 'none'}>
                <button type="button" className="sort" data-testid={`sweep-sort-${column}`} onClick={() => sort(column)}>
                  {COLUMNS[column].title}{order?.by === column && (order.down ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />)}
                </button>
              </th>
            ))}
            <th scope="col"><span className="unseen">Take over</span></th>
          </tr>
        </thead>
        <tbody>
          {inOrder(sweep.rows, order).map((row) => {
            const name = `${METHOD_TEXT[row.method]}, ${SCHEME_TEXT[row.weights]}, ${SCHEME_TEXT[row.activations]}`;
            return (
              <tr key={name} className={row === best ? 'best' : ''} data-testid={`sweep-row-${row.method}-${row.weights}-${row.activations}`}>
                {columns.map((column) => <td key={column} className={COLUMNS[column].number ? 'number' : ''}>{COLUMNS[column].text(row)}</td>)}
                <td className="number">{row === best && <Trophy size={12} aria-label="Best" className="sweep-best" />}<button type="button" className="link" aria-label={`Use ${name}`} onClick={() => adopt(withChoice(sweep.recipe, row), nodes)}>Use</button></td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {children}
    </div>
  );
}
