const count = { passed: 0, failed: 0 };

/** Runs one check, says its sentence, and goes on after a failure. Resolves to what the check returned. */
export async function check(sentence, body) {
  try {
    const result = await body();
    count.passed += 1;
    console.log(`ok      ${sentence}`);
    return result;
  } catch (error) {
    fail(sentence, error);
    return undefined;
  }
}

export function fail(sentence, error) {
  count.failed += 1;
  console.log(`NOT OK  ${sentence}\n${error.stack}`);
}

/** Says the sum, and makes it the exit code. */
export function conclude() {
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;
}
