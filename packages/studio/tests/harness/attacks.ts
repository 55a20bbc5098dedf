/** What sets off a script sets this, and it is looked for afterwards. */
export const ALARM = '__attacked'

const EVIL = 'https://evil.example'
const alarm = (way: string) => `globalThis.${ALARM}='${way}'`

/** Texts that would do something if any of them were taken for more than text. Each has a word of its own to find it by. */
export const attacks: readonly string[] = [
  `attack-script <script>${alarm('script')}</script>`,
  `attack-breakout "'><script>${alarm('breakout')}</script>`,
  `attack-image <img src=x onerror="${alarm('image')}">`,
  `attack-foreign <img src="${EVIL}/pixel.png"><link rel=stylesheet href="${EVIL}/a.css">`,
  `attack-svg <svg onload="${alarm('svg')}"><animate onbegin="${alarm('animate')}" attributeName=x dur=1s></svg>`,
  `attack-frame <iframe srcdoc="<script>parent.${ALARM}='frame'</script>"></iframe>`,
  `attack-style <style>@import url(${EVIL}/a.css); * { display: none }</style>`,
  `attack-refresh <meta http-equiv=refresh content="0;url=${EVIL}"><base href="${EVIL}/">`,
  `attack-form <form action="javascript:${alarm('form')}"><button autofocus onfocus="${alarm('focus')}">x</button></form>`,
  `attack-markdown [click](javascript:${alarm('markdown')}) ![x](${EVIL}/pixel.png) <javascript:${alarm('autolink')}>`,
  `attack-link javascript:${alarm('link')} data:text/html,<script>${alarm('data')}</script> ${EVIL}/path`,
  `attack-entities &lt;script&gt;${alarm('entities')}&lt;/script&gt; &#x3C;img src=x onerror=${alarm('entity')}&#x3E;`,
  `attack-template {{constructor.constructor("${alarm('template')}")()}} \${${alarm('literal')}} {% raw %} <%= 1 %>`,
  'attack-bidi abc\u202Egnp.exe\u202C \u2066x\u2069 zero\u200Bwidth\uFEFF joined\u200D',
  `attack-long ${'W'.repeat(3_000)}`,
  'attack-combining Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324\u031E\u0349\u035A',
  'attack-line\r\nbreak\ttab\u2028separator\u0007bell',
]

/** Names that are something already in every object. */
export const takenNames: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
  '$$typeof',
  'dangerouslySetInnerHTML',
  'ref',
  'key',
]

/** An attack for names of 50 characters at most. */
export const tinyAttack = `<img src=x onerror=${ALARM}=1>`

/** An attack that fits where little room is. @param longest characters */
export function shortAttack(longest = 100, index = 2): string {
  return attacks[index]!.slice(0, longest)
}

/** All attacks at once, for where there is room. */
export const everyAttack = attacks.join('\n')

/** Addresses that must not be gone to or fetched, wherever a picture or a link is expected. */
export const hostileAddresses: readonly string[] = [
  `javascript:${alarm('address')}`,
  `data:text/html,<script>${alarm('data-address')}</script>`,
  `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="${alarm('svg-address')}"/>`,
  `${EVIL}/image.png`,
  '//evil.example/image.png',
  'https:evil.example/image.png',
]
