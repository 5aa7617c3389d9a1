import type { Chart } from './report-charts.ts';

/** As much of a browser as the charts need. */
type Host = { readonly clientWidth: number; textContent: string | null };
type Style = { getPropertyValue(name: string): string };
type Query = { addEventListener(event: 'change', listener: () => void): void };
type Page = {
  readonly document: {
    readonly documentElement: Host & { readonly dataset: Record<string, string | undefined> };
    getElementById(id: string): Host | null;
  };
  getComputedStyle(element: Host): Style;
  matchMedia(query: string): Query;
  addEventListener(event: 'resize' | 'beforeprint' | 'afterprint', listener: () => void): void;
};

type Canvas = {
  strokeStyle: string;
  save(): void;
  restore(): void;
  beginPath(): void;
  setLineDash(dashes: readonly number[]): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
};
type Plot = {
  readonly ctx: Canvas;
  readonly bbox: { readonly top: number; readonly height: number };
  valToPos(value: number, scale: 'x', onCanvas: true): number;
  destroy(): void;
};
type Plotter = {
  new (options: unknown, data: unknown, host: Host): Plot;
  tzDate(date: Date, zone: string): Date;
  readonly paths: { stepped(options: { readonly align: 1 | -1 }): unknown };
};

/** Draws the charts of a report. It is sent to the browser as its own text, and so may name nothing outside of itself. */
export function drawCharts(page: Page, uPlot: Plotter, charts: readonly Chart[]): void {
  const root = page.document.documentElement;
  const printWidth = 680;
  let plots: Plot[] = [];
  let drawnWidth = 0;

  function color(name: string): string {
    return page.getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  }

  /** Clock time in UTC, with seconds where the axis is that fine. */
  function time(seconds: number, withSeconds: boolean): string {
    return new Date(seconds * 1000).toISOString().slice(11, withSeconds ? 19 : 16);
  }

  /** The first label of each day names the day. */
  function times(values: readonly number[]): string[] {
    const withSeconds = values.some((value) => value % 60 !== 0);
    return values.map((value, i) => {
      const day = new Date(value * 1000).toISOString().slice(5, 10);
      const before = values[i - 1];
      const isSame = before !== undefined && new Date(before * 1000).toISOString().slice(5, 10) === day;
      return isSame ? time(value, withSeconds) : `${time(value, withSeconds)}\n${day}`;
    });
  }

  function figure(value: number): string {
    return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });
  }

  function short(value: number): string {
    return value >= 10_000 ? `${figure(value / 1000)}k` : figure(value);
  }

  function axis(): object {
    const line = { stroke: color('line'), width: 1 };
    return { stroke: color('muted'), grid: line, ticks: { ...line, size: 4 }, font: '12px system-ui, sans-serif' };
  }

  function series(curve: Chart['curves'][number], unit: string): object {
    const stroke = color(curve.color);
    return {
      label: curve.label,
      stroke,
      width: curve.shape === 'steps' ? 1.5 : 1.75,
      spanGaps: false,
      value: (_: unknown, value: number | null) => (value === null ? '' : `${figure(value)}${unit}`),
      ...(curve.shape === 'area' && { fill: `${stroke}22` }),
      ...(curve.shape === 'steps' && { paths: uPlot.paths.stepped({ align: -1 }), dash: [6, 4] }),
    };
  }

  /** Where a later process went on with the run. */
  function markResumes(plot: Plot, resumedAt: readonly number[]): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = color('muted');
    ctx.setLineDash([2, 4]);
    for (const seconds of resumedAt) {
      const x = Math.round(plot.valToPos(seconds, 'x', true));
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  function draw(chart: Chart, width: number): Plot | undefined {
    const host = page.document.getElementById(`chart-${chart.id}`);
    if (host === null) return undefined;
    const options = {
      width: width || host.clientWidth,
      height: 200,
      cursor: { sync: { key: 'run' }, drag: { x: true, y: false } },
      tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      scales: { x: { time: true }, y: { range: (_: unknown, _min: number, max: number) => [0, max * 1.1 || 1] } },
      axes: [
        { ...axis(), values: (_: unknown, values: number[]) => times(values), space: 70 },
        {
          ...axis(),
          values: (_: unknown, values: number[]) => values.map((value) => short(value) + chart.unit),
          size: 64,
        },
      ],
      series: [
        {
          label: '\u00a0',
          value: (_: unknown, value: number | null) => (value === null ? '' : `${time(value, true)} UTC`),
        },
        ...chart.curves.map((curve) => series(curve, chart.unit)),
      ],
      hooks: { draw: [(plot: Plot) => markResumes(plot, chart.resumedAt)] },
    };
    return new uPlot(options, [chart.seconds, ...chart.curves.map(({ values }) => values)], host);
  }

  function drawAll(width = 0): void {
    for (const plot of plots) plot.destroy();
    plots = charts.map((chart) => draw(chart, width)).filter((plot) => plot !== undefined);
    drawnWidth = root.clientWidth;
  }

  drawAll();
  page.addEventListener('resize', () => {
    if (root.clientWidth !== drawnWidth) drawAll();
  });
  page.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawAll());
  // Paper is white and narrow, whatever the screen is.
  page.addEventListener('beforeprint', () => {
    root.dataset['print'] = 'yes';
    drawAll(printWidth);
  });
  page.addEventListener('afterprint', () => {
    delete root.dataset['print'];
    drawAll();
  });
}
