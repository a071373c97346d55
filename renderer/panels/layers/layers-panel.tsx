// The table of all layers: sorted, filtered, linked with the graph both ways. Only rows in view are mounted.
import { useTable, type SortingState } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import type { ModelView, Recipe, RunView } from '../../../core/contract/index.ts';
import { ActionButton } from '../../controls/action-button.tsx';
import { useLater } from '../../controls/use-later.ts';
import { useRecipe } from '../../stores/recipe.ts';
import { reveal, select, toggle, useSelection } from '../../stores/selection.ts';
import { comparedRun, runName, shownRun, useSession } from '../../stores/session.ts';
import { useView, type Feed, type Metric } from '../../stores/view.ts';
import { COLUMNS, COMPARED_COLUMNS, COMPARED_TRACKS, CUT, FEATURES, RIGHT_ALIGNED, TRACKS } from './columns.tsx';
import { layerRows, type LayerRow } from './layer-rows.ts';

const ROW_HEIGHT = 25;
/** Rows that Page Up and Page Down go. */
const PAGE = 10;
const NO_ROWS: LayerRow[] = [];
/** Where each key leads from a row. */
const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at) => at + 1, ArrowUp: (at) => at - 1, PageDown: (at) => at + PAGE, PageUp: (at) => at - PAGE, Home: () => 0, End: (_at, last) => last,
};
const ORDER = { asc: 'ascending', desc: 'descending' } as const;

interface LayersProps {
  readonly model: ModelView | null;
  readonly run: RunView | null;
  readonly recipe: Recipe;
  readonly compared: RunView | null;
  readonly feed: Feed;
  readonly metric: Metric;
  readonly names: readonly string[];
}

/** The graph shows what is new first; the table follows. */
export function LayersPanel() {
  const model = useSession((s) => s.model), run = useSession(shownRun), compared = useSession(comparedRun), recipe = useRecipe((s) => s.recipe);
  const feed = useView((s) => s.feed), metric = useView((s) => s.metric);
  const now = useMemo(() => ({ model, run, recipe, compared, feed, metric }), [model, run, recipe, compared, feed, metric]), later = useLater(now);
  // Rows of a model that is no longer there are nothing to wait with.
  return <Layers {...later.model === model ? later : now} names={useSelection((s) => s.names)} />;
}

const Layers = memo(function Layers({ model, run, recipe, compared, feed, metric, names }: LayersProps) {
  const [sorting, setSorting] = useState<SortingState>([]);
  const [filter, setFilter] = useState('');
  const data = useMemo(() => (model ? layerRows(model, recipe, run, feed, metric, compared) : NO_ROWS), [model, recipe, run, feed, metric, compared]);
  const tracks = compared ? COMPARED_TRACKS : TRACKS;
  const table = useTable({
    features: FEATURES, columns: compared ? COMPARED_COLUMNS : COLUMNS, data, getRowId: (row) => row.name, globalFilterFn: 'includesString',
    state: { sorting, globalFilter: filter }, onSortingChange: setSorting, onGlobalFilterChange: setFilter,
  });
  const { rows } = table.getRowModel();
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- no React compiler is used here, so nothing is memoized that should not be
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 12 });

  const selected = useMemo(() => new Set(names), [names]);
  const current = names.at(-1);
  // A node picked on the graph scrolls into view here, without moving rows that are in view already.
  useEffect(() => {
    const at = current === undefined ? -1 : rows.findIndex((row) => row.id === current);
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only a new selection scrolls, not a new sort or a new run
  }, [current]);

  /** The rows from where the selection began to this one, this one last. */
  const reach = (name: string): readonly string[] => {
    const to = rows.findIndex((row) => row.id === name), from = rows.findIndex((row) => row.id === names[0]);
    const between = rows.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.id);
    return from < 0 ? [name] : from <= to ? between : between.reverse();
  };
  const pick = (event: MouseEvent, name: string): void => {
    if (event.ctrlKey || event.metaKey) toggle(name);
    else select(event.shiftKey ? reach(name) : [name]);
    reveal(name);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = STEPS[event.key]?.(rows.findIndex((row) => row.id === current), rows.length - 1);
    if (to === undefined) return;
    event.preventDefault();
    const next = rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (!next) return;
    select(event.shiftKey ? reach(next.id) : [next.id]);
    reveal(next.id);
  };

  return (
    <div className="layers">
      <div className="layers-bar">
        <input className="input" type="search" placeholder="Filter layers" aria-label="Filter layers" data-testid="layer-filter" value={filter} onChange={(event) => setFilter(event.target.value)} />
        <span className="field-note">{rows.length === data.length ? `${data.length} layers` : `${rows.length} of ${data.length} layers`}{run && `, ${feed} errors, ${runName(run)}`}{compared && ` against ${runName(compared)}`}</span>
        <span className="spacer" />
        <ActionButton action="export-layers" text="CSV" />
        {filter.trim() !== '' && rows.length > 0 && <button type="button" className="link" onClick={() => select(rows.map((row) => row.id))}>Select these</button>}
      </div>
      <div className="table" role="grid" aria-label="Layers" aria-rowcount={rows.length + 1} aria-multiselectable ref={scroller} tabIndex={0} onKeyDown={onKeyDown}>
        {table.getHeaderGroups().map((group) => (
          <div key={group.id} className="table-head" role="row" style={{ gridTemplateColumns: tracks }}>
            {group.headers.map((header) => {
              const order = header.column.getIsSorted();
              return (
                <div key={header.id} role="columnheader" aria-sort={order ? ORDER[order] : 'none'} className={RIGHT_ALIGNED.has(header.column.id) ? 'number' : ''}>
                  <button type="button" className="sort" data-testid={`sort-${header.column.id}`} onClick={header.column.getToggleSortingHandler()}>
                    <table.FlexRender header={header} />
                    {order === 'asc' && <ArrowUp size={12} aria-hidden />}
                    {order === 'desc' && <ArrowDown size={12} aria-hidden />}
                  </button>
                </div>
              );
            })}
          </div>
        ))}
        {data.length === 0 && <p className="quiet-note">The layers of a model are listed here.</p>}
        <div className="table-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <div
                key={row.id} role="row" aria-rowindex={item.index + 2} aria-selected={selected.has(row.id)} className="table-row" data-testid={`layer-row-${row.id}`}
                style={{ gridTemplateColumns: tracks, height: ROW_HEIGHT, top: item.start }} onClick={(event) => pick(event, row.id)}
              >
                {row.getAllCells().map((cell) => (
                  <div key={cell.id} role="gridcell" className={RIGHT_ALIGNED.has(cell.column.id) ? 'number' : CUT.has(cell.column.id) ? 'cut' : ''}><table.FlexRender cell={cell} /></div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
});
