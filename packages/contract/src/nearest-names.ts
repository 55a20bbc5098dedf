/** How many letters must be added, dropped, replaced or swapped with their neighbour to turn one word into the other. */
function editDistance(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1))
      const isSwap =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (isSwap) cost = Math.min(cost, before[column - 2]! + 1)
      current.push(cost)
    }
    before = last
    last = current
  }
  return last[to.length]!
}

function simplify(name: string): string {
  return name
    .slice(0, 100)
    .toLowerCase()
    .replace(/[_\- ]/g, '')
}

/** The names that a mistyped one was most likely meant to be, the likeliest first; at most three, often none. */
export function nearestNames(mistyped: string, names: readonly string[]): string[] {
  const wanted = simplify(mistyped)
  const tolerance = Math.max(1, Math.floor(wanted.length / 3))
  const ranked = names
    .map((name) => ({ name, distance: editDistance(wanted, simplify(name)) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  const near =
    best && best.distance <= tolerance
      ? ranked.filter(({ distance }) => distance === best.distance)
      : // `tokens` for `input_tokens`
        ranked.filter(({ name }) => wanted.length >= 4 && simplify(name).includes(wanted))
  return near.slice(0, 3).map(({ name }) => name)
}
