// For `--import`: has a fault happen in the service, where nobody handles it, on SIGUSR2.
import { setImmediate } from 'node:timers';

const how = process.env.FORGETS;
process.on('SIGUSR2', () => {
  const fault = new Error('something that\nnobody expected', { cause: new Error('the cause') });
  if (how === 'rejection') void Promise.reject(fault);
  else if (how === 'exception')
    setImmediate(() => {
      throw fault;
    });
  else void Promise.reject('a-secret');
});
