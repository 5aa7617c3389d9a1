/** The files of the package as text, which the bundler puts in. */
declare module 'uplot/dist/uPlot.iife.min.js' {
  const text: string;
  export default text;
}

declare module 'uplot/dist/uPlot.min.css' {
  const text: string;
  export default text;
}
