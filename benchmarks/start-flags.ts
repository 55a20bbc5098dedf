import packageJson from '../package.json' with { type: 'json' }

/** The options that `npm start` gives to Node, which servers under measure get too. */
export const startFlags: readonly string[] = packageJson.scripts.start.match(/--\S+/g) ?? []
