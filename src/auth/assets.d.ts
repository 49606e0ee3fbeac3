// A file imported `with { type: 'file' }`: what comes is its path, also inside a compiled executable.
declare module '*/hasher.js' {
  const path: string
  export default path
}
