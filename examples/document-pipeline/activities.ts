import { ApplicationFailure, activityInfo, log } from '@tramontane/worker/activity'

const archive: Record<string, string> = {
  'invoice-7.txt': 'Invoice 7. Please pay 120 € within a month.',
  'letter.txt': 'Dear all, thank you for the flowers.',
  'contract.txt': 'The parties agree as follows. The rent is due on the first of each month.',
}

/** Reads a document from the archive, which refuses every first try for the contract: it is tried again. */
export async function readText(name: string): Promise<string> {
  const { attempt } = activityInfo()
  if (name === 'contract.txt' && attempt === 1) throw new Error('the archive is busy')
  const text = archive[name]
  // No second try helps against this one.
  if (text === undefined) throw ApplicationFailure.nonRetryable(`there is no document ${name}`)
  log.info(`read ${name}`, { attempt })
  return text
}

/** Says what kind of document it is. A model would do it better. */
export async function classify(text: string): Promise<string> {
  if (/invoice/i.test(text)) return 'invoice'
  return /agree/i.test(text) ? 'contract' : 'letter'
}
