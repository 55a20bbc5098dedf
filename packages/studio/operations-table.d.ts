declare module 'virtual:operations' {
  const table: Readonly<Record<string, readonly [method: string, path: string]>>
  export default table
}
