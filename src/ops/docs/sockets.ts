// The page of the socket protocol, written out of the models that check the frames.
import type { LIMITS } from '../../realtime/limits'
import { clientFrames, serverFrames } from '../../realtime/protocol'
import { CODES } from './codes'
import { exampleOf } from './examples'
import { CLOSINGS, FIRST_WORDS, INTRO, LIMIT_MEANINGS, RULES, SOCKET_IO, WAYS } from './guide'
import { escapeHtml, pageHtml, richText } from './page'
import { tidyInside, type Named, type Schema } from './schemas'

const CONTENTS = [
  ['connect', 'Connect'],
  ['rules', 'What may be relied on'],
  ['say', 'Frames to send'],
  ['hear', 'Frames to hear'],
  ['objects', 'Objects'],
  ['limits', 'Limits'],
  ['codes', 'Codes of errors'],
  ['closing', 'Close codes'],
] as const

type Frames = Record<string, object>

export function socketPage(limits: typeof LIMITS): string {
  const objects: Named = {}
  const say = framesHtml('say', clientFrames, objects)
  const hear = framesHtml('hear', serverFrames, objects)
  const inside = { say: linksTo('say', clientFrames), hear: linksTo('hear', serverFrames) }
  const contents = CONTENTS.map(
    ([id, text]) => `<li><a href="#${id}">${text}</a>${id === 'say' || id === 'hear' ? inside[id] : ''}</li>`,
  ).join('')
  const body = `<div class="manual">
<nav class="contents" aria-label="On this page"><ul>${contents}</ul></nav>
<main>
<h1>The socket</h1>
<p class="lead">${richText(INTRO)}</p>
<p>For machines the same as <a href="/docs/asyncapi.json">AsyncAPI 3.0</a>.</p>
${section('connect', [...WAYS, FIRST_WORDS, SOCKET_IO].map(wayHtml).join(''))}
${section('rules', `<ol>${RULES.map(rule => `<li>${richText(rule)}</li>`).join('')}</ol>`)}
${section('say', say)}
${section('hear', hear)}
${section('objects', Object.values(objects).map(objectHtml).join(''))}
${section('limits', `<p>Also told in <code>hello</code>.</p>${table(['Limit', 'Value', 'Meaning'], limitRows(limits))}`)}
${section('codes', `<p>The same over REST.</p>${table(['Status', 'Code', 'Meaning'], codeRows)}`)}
${section('closing', closingHtml())}
</main>
</div>`
  return pageHtml({ title: 'Sockets', path: '/docs/sockets', body })
}

function section(id: (typeof CONTENTS)[number][0], html: string): string {
  const title = CONTENTS.find(([name]) => name === id)?.[1]
  return `<section id="${id}"><h2>${title}</h2>${html}</section>`
}

const wayHtml = ({ title, text, code }: (typeof WAYS)[number]) =>
  `<h3>${title}</h3><p>${richText(text)}</p>${codeBlock(code)}`

const codeBlock = (code: string) => `<pre tabindex="0"><code>${escapeHtml(code)}</code></pre>`

const linksTo = (side: 'say' | 'hear', frames: Frames) =>
  `<ul>${Object.keys(frames)
    .map(type => `<li><a href="#${side}-${type}"><code>${type}</code></a></li>`)
    .join('')}</ul>`

const codeRows = CODES.map(([code, { status, meaning }]) => [
  String(status),
  `<code>${code}</code>`,
  richText(meaning),
])

const framesHtml = (side: 'say' | 'hear', frames: Frames, objects: Named) =>
  Object.entries(frames)
    .map(([type, model]) => {
      const schema = JSON.parse(JSON.stringify(model)) as Schema
      const example = JSON.stringify(exampleOf(schema), null, 2)
      return `<article id="${side}-${type}"><h3><code>${type}</code></h3>
<p>${richText(schema.description ?? '')}</p>${fieldsTable(tidyInside(schema, objects))}${codeBlock(example)}</article>`
    })
    .join('')

const objectHtml = (schema: Schema) =>
  `<article id="object-${schema.title}"><h3>${schema.title}</h3>
<p>${richText(schema.description ?? '')}</p>${fieldsTable(schema)}</article>`

function fieldsTable({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties)
    .filter(([name]) => name !== 'type')
    .map(([name, field]) => [
      `<code>${name}</code>${required.includes(name) ? '' : ' <small>optional</small>'}`,
      typeOf(field),
      richText([field.description, boundsOf(field)].filter(Boolean).join(' ')),
    ])
  return rows.length > 0 ? table(['Field', 'Type', 'Meaning'], rows) : ''
}

/** HTML of a type in few words: `integer`, `string or null`, one of some words, or a link to an object. */
function typeOf(schema: Schema): string {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1)
    return `<a href="#object-${name}">${name}</a>`
  }
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  if (Array.isArray(schema.enum))
    return schema.enum.map(word => `<code>${JSON.stringify(word)}</code>`).join(' ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  if (schema.properties) return `object: ${Object.keys(schema.properties).join(', ')}`
  return [schema.type ?? 'anything'].flat().join(' or ')
}

function boundsOf({ minLength, maxLength, minimum }: Schema): string {
  if (maxLength !== undefined) return `${minLength ?? 0} to ${maxLength} characters.`
  return minimum === undefined ? '' : `At least ${minimum}.`
}

const limitRows = (limits: typeof LIMITS) =>
  Object.entries(limits).map(([name, value]) => [
    `<code>${name}</code>`,
    value.toLocaleString('en'),
    richText(LIMIT_MEANINGS[name as keyof typeof LIMITS]),
  ])

function closingHtml(): string {
  const rows = CLOSINGS.map(({ code, meaning, next }) => [`<code>${code}</code>`, meaning, next])
  return `<p>${richText('A socket is told why by `bye`, where it still can be told.')}</p>${table(['Code', 'Meaning', 'Then'], rows)}`
}

function table(heads: string[], rows: string[][]): string {
  const head = heads.map(text => `<th scope="col">${text}</th>`).join('')
  const body = rows.map(row => `<tr>${row.map(cell => `<td>${cell}</td>`).join('')}</tr>`).join('\n')
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}
