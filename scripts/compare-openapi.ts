import { readFileSync } from 'node:fs'
import { openapiDocument } from '@tramontane/contract/openapi-document'
import { parse } from 'yaml'
import { compareDocuments } from './openapi/compare-documents.ts'

// node --conditions=tramontane-source scripts/compare-openapi.ts FILE [WORD]
// Holds our OpenAPI document against the official one (YAML or JSON); WORD shows only operations with it in their path.
const [file, word = ''] = process.argv.slice(2)
if (!file) {
  console.error('usage: compare-openapi.ts FILE [WORD]')
  process.exit(2)
}
const differences = compareDocuments(parse(readFileSync(file, 'utf8')), openapiDocument('0.0.0')).filter(
  ({ operation }) => operation.includes(word),
)
for (const { operation, at, what } of differences) console.log(`${operation}\n    ${at}: ${what}`)
console.log(differences.length === 0 ? 'no difference' : `${differences.length} differences`)
process.exitCode = differences.length === 0 ? 0 : 1
