/** The chart of bench/results/peers: a bar for each comparison and number of threads, on a logarithmic scale. */
import * as echarts from "echarts";
import { machinesOf, peerReports, peerRows } from "./peer-figures.mjs";

const WIDTH = 860;
const ROW_HEIGHT = 34;
/** Above and below the bars: the title and the legend; the axis and the machine. */
const MARGINS = { top: 74, bottom: 64 };
const COLOURS = { 1: "#8fb8de", 2: "#1f5f99" };
const TEXT = "#24292f";
const PAPER = "#ffffff";

const labelOf = ({ work, ours, theirs }) => `${work}\n${ours} vs ${theirs}`;

/** An SVG, the same to the last byte for the same results. */
export function peerChart() {
  const reports = peerReports();
  const rows = peerRows(reports).filter(({ byThreads }) => [...byThreads.values()].some(({ ratio }) => ratio));
  const height = MARGINS.top + MARGINS.bottom + ROW_HEIGHT * rows.length;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    backgroundColor: PAPER,
    textStyle: { color: TEXT },
    title: [
      {
        text: "How many times the time of lowrank others take",
        left: 16,
        top: 12,
        textStyle: { fontSize: 15, color: TEXT },
      },
      {
        text: machinesOf(reports),
        left: 16,
        bottom: 8,
        textStyle: { fontSize: 10, fontWeight: "normal", color: TEXT },
      },
    ],
    legend: { top: 38, left: 16, data: ["1 thread", "2 threads"], textStyle: { color: TEXT } },
    grid: { ...MARGINS, left: 330, right: 70 },
    xAxis: { type: "log", min: minimumOf(rows), axisLabel: { formatter: "{value} ×", color: TEXT } },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map(labelOf),
      axisTick: { show: false },
      axisLabel: { fontSize: 10, lineHeight: 12, interval: 0, color: TEXT },
    },
    series: [1, 2].map((threads) => bars(rows, threads)),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

/** The scale begins at 1, or at a power of ten below the least where a row is lost. */
function minimumOf(rows) {
  const ratios = rows.flatMap(({ byThreads }) => [...byThreads.values()].flatMap(({ ratio }) => ratio?.median ?? []));
  return Math.min(1, 10 ** Math.floor(Math.log10(Math.min(...ratios))));
}

function bars(rows, threads) {
  const numbers = rows.map(({ byThreads }) => byThreads.get(threads)?.ratio?.median ?? null);
  return {
    name: threads === 1 ? "1 thread" : "2 threads",
    type: "bar",
    barWidth: 11,
    barGap: "10%",
    itemStyle: { color: COLOURS[threads] },
    label: {
      show: true,
      position: "right",
      fontSize: 10,
      color: TEXT,
      formatter: ({ value }) => `${value.toPrecision(value >= 100 ? 3 : 2)} ×`,
    },
    ...(threads === 1 ? { markLine: levelLine } : {}),
    data: numbers,
  };
}

/** Where both take the same time. */
const levelLine = {
  silent: true,
  symbol: "none",
  lineStyle: { color: "#b03030", type: "solid", width: 1 },
  label: { show: false },
  data: [{ xAxis: 1 }],
};
