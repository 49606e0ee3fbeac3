// Plain HTTP in a test, where a typed client would not let one misbehave.

export interface Answer {
  status: number
  headers: Headers
  body: any
}

export async function call(
  url: string,
  method: string,
  path: string,
  options: { token?: string; json?: unknown; body?: BodyInit; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const headers = new Headers(options.headers)
  if (options.token) headers.set('authorization', `Bearer ${options.token}`)
  if (options.json !== undefined) headers.set('content-type', 'application/json')
  const body = options.json === undefined ? options.body : JSON.stringify(options.json)
  const response = await fetch(url + path, { method, headers, body })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: isJson(response) && text !== '' ? JSON.parse(text) : text,
  }
}

const isJson = (response: Response) => (response.headers.get('content-type') ?? '').includes('json')
