import { brotliCompressSync, constants } from 'node:zlib'
import tailwind from '@tailwindcss/vite'
import { operations } from '@tramontane/contract/operations'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const TABLE = 'virtual:operations'

/** The method and path of every operation of the contract, without its schemas, which would be most of the bundle. */
function operationTable(): Plugin {
  const table = Object.fromEntries(operations.map(({ id, method, path }) => [id, [method, path]]))
  return {
    name: 'operation-table',
    resolveId: (id) => (id === TABLE ? `\0${TABLE}` : undefined),
    load: (id) => (id === `\0${TABLE}` ? `export default ${JSON.stringify(table)}` : undefined),
  }
}

/**
 * What modules ask for that the page has no use for, and what they get instead. The contract's schemas are checked by the server:
 * without them the library that makes them is not needed either, of which the page only takes types. Templates of judges are
 * plain text, not HTML with scripts and styles in it, whose grammars are larger than the rest of the editor.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  zod: `
    const schema = new Proxy(function () {}, {
      get: (_, name) => {
        if (/^(parse|safeParse|decode|encode)/.test(String(name))) throw new Error('the page has no schemas')
        return name === Symbol.toPrimitive || name === 'then' ? undefined : schema
      },
      apply: () => schema,
    })
    export const z = schema`,
  '@codemirror/lang-html': `
    import { LanguageSupport, StreamLanguage } from '@codemirror/language'
    const text = StreamLanguage.define({ name: 'text', token: (stream) => (stream.skipToEnd(), null) })
    export const html = () => new LanguageSupport(text)`,
}

function standIns(): Plugin {
  return {
    name: 'stand-ins',
    enforce: 'pre',
    resolveId: (id) => (id in STAND_INS ? `\0stand-in:${id}` : undefined),
    load: (id) => (id.startsWith('\0stand-in:') ? STAND_INS[id.slice('\0stand-in:'.length)] : undefined),
  }
}

/** Compresses what is served once, at its best, instead of at every request. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (!/\.(js|css|svg)$/.test(file.fileName)) continue
          const source = Buffer.from(file.type === 'chunk' ? file.code : file.source)
          this.emitFile({
            type: 'asset',
            fileName: `${file.fileName}.br`,
            source: brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
          })
        }
      },
    },
  }
}

export default defineConfig({
  plugins: [standIns(), react(), tailwind(), operationTable(), compressed()],
  resolve: { conditions: ['tramontane-source', 'module', 'browser', 'development|production'] },
  // The server puts the nonce of each answer here; see its content security policy.
  html: { cspNonce: '__NONCE__' },
  build: {
    target: 'es2023',
    manifest: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // What a page may load, compressed, is a test's business (`tests/every-page.test.ts`).
    chunkSizeWarningLimit: 1_000,
  },
})
