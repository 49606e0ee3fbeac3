// Files imported `with { type: 'file' }`: what comes is their path, also inside a compiled executable.
declare module 'swagger-ui-dist/*' {
  const path: string
  export default path
}
