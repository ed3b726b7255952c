// For `--import`: the process's idea of the time is off by so many milliseconds, the first of CLOCK_SHIFTS_MS; each SIGUSR2
// goes on to the next one. `performance.now()` is not off, as on a machine whose clock is set.
const RealDate = Date;
const shifts = process.env.CLOCK_SHIFTS_MS.split(',').map(Number);
let shiftMs = shifts.shift();

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shiftMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};
process.on('SIGUSR2', () => {
  shiftMs = shifts.shift();
});
