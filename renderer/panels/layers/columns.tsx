// The columns of the layer table: how each is called, sorted and shown.
import {
  columnFilteringFeature, createColumnHelper, createFilteredRowModel, createSortedRowModel, filterFn_includesString, globalFilteringFeature,
  rowSortingFeature, tableFeatures,
} from '@tanstack/react-table';
import { countText, errorText, METRICS } from '../../controls/number-text.ts';
import { shapeText } from '../../graph/derive.ts';
import type { Metric } from '../../stores/view.ts';
import type { LayerRow } from './layer-rows.ts';

export const FEATURES = tableFeatures({
  rowSortingFeature, sortedRowModel: createSortedRowModel(),
  columnFilteringFeature, globalFilteringFeature, filteredRowModel: createFilteredRowModel(), filterFns: { includesString: filterFn_includesString },
});

/** Widths as grid tracks; the header and every row share them. */
export const TRACKS = '34px minmax(150px, 2.6fr) minmax(104px, 1fr) 50px 104px minmax(118px, 1.2fr) 64px 82px 76px 76px';
export const COMPARED_TRACKS = `${TRACKS} 92px`;
export const RIGHT_ALIGNED: ReadonlySet<string> = new Set(['index', 'macs', 'mae', 'mse', 'psnr', 'difference']);

/** Columns whose text may be longer than they are wide. Each cell that cuts is a piece of its own to be painted whenever anything on the page moves. */
export const CUT: ReadonlySet<string> = new Set(['name', 'op', 'shape']);

const helper = createColumnHelper<typeof FEATURES, LayerRow>();

const errorColumn = (metric: Metric) => helper.accessor((row) => row[metric], {
  id: metric, header: METRICS[metric].label, enableGlobalFilter: false, sortUndefined: 'last', sortFn: byNumber,
  cell: (info) => { const value = info.getValue(); return value === undefined ? '' : errorText(value, metric); },
});

/** Infinite psnr (no error at all) sorts above every number. */
function byNumber(a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }, id: string): number {
  const x = Number(a.getValue(id)), y = Number(b.getValue(id));
  return x === y ? 0 : x < y ? -1 : 1;
}

export const COLUMNS = helper.columns([
  helper.accessor('index', { header: '#', enableGlobalFilter: false, sortFn: byNumber }),
  helper.accessor('name', { header: 'Name', cell: (info) => <span title={info.getValue()}>{info.getValue()}</span> }),
  helper.accessor('op', { header: 'Operator' }),
  helper.accessor('unit', { header: 'Unit' }),
  helper.accessor((row) => row.chosen, {
    id: 'precision', header: 'Precision',
    cell: ({ row: { original: { chosen, ran } } }) => (
      <>
        <span className="badge" data-precision={chosen}>{chosen}</span>
        {ran !== undefined && ran !== chosen && <span className="card-changed">ran {ran}</span>}
      </>
    ),
  }),
  helper.accessor((row) => shapeText(row.shape), { id: 'shape', header: 'Shape' }),
  helper.accessor('macs', { header: 'MACs', enableGlobalFilter: false, sortFn: byNumber, cell: (info) => (info.getValue() === 0 ? '' : countText(info.getValue())) }),
  errorColumn('mae'),
  errorColumn('mse'),
  errorColumn('psnr'),
]);
/** While two runs are compared. */
export const COMPARED_COLUMNS = helper.columns([
  ...COLUMNS,
  helper.accessor((row) => row.difference?.worse, {
    id: 'difference', header: 'Change', enableGlobalFilter: false, sortUndefined: 'last', sortFn: byNumber,
    cell: ({ row: { original: { difference } } }) => difference?.text ?? '',
  }),
]);
