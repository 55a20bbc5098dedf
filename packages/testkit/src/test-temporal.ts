/**
 * The address of the Temporal that `scripts/test.ts` started for this run, on which each test server has namespaces of
 * its own: `startTestServer({ temporalAddress: testTemporal() })`.
 */
export function testTemporal(): string {
  const address = process.env.TRAMONTANE_TEST_TEMPORAL
  if (!address)
    throw new Error('this test needs a Temporal, but scripts/test.ts starts none for a file in this folder')
  return address
}

/** Temporal's programs, for tests that have a server start one of its own: `TRAMONTANE_TEMPORAL_BIN`. */
export function testTemporalBin(): string {
  const bin = process.env.TRAMONTANE_TEST_TEMPORAL_BIN
  if (!bin) throw new Error('scripts/test.ts makes Temporal’s programs only for tests that need a Temporal')
  return bin
}
