// Fills a form with ODK's own engine, as a phone would. Reads {form, list, steps} from stdin, where a step is
// [name, value]; writes what was shown and refused after each step, and what would be sent, as JSON.
import { readFileSync } from 'node:fs'
import { JSDOM } from 'jsdom'

const { window } = new JSDOM('<!doctype html>')
Object.assign(globalThis, {
  DOMParser: window.DOMParser, document: window.document, Node: window.Node, __dirname: import.meta.dirname,
})
const { loadForm } = await import('@getodk/xforms-engine')

const { form, list, steps } = JSON.parse(readFileSync(0, 'utf8'))
const csv = () => new Response(list, { headers: { 'content-type': 'text/csv' } })
const loaded = await loadForm(form, { fetchFormAttachment: async () => csv() })
if (loaded.status !== 'success') throw loaded.error
const root = loaded.createInstance().root

function* nodes(parent) {
  for (const node of parent.currentState.children ?? []) {
    yield node
    yield* nodes(node)
  }
}
const named = (name) => [...nodes(root)].find((node) => node.currentState.reference.endsWith(`/${name}`))
const said = (language) => {
  root.setLanguage(root.languages.find((each) => each.language?.includes(language)))
  return root.validationState.violations.map(({ reference, violation }) => [
    reference.split('/').at(-1), violation.message?.asString ?? '',
  ])
}
const plain = (value) => (typeof value === 'bigint' ? Number(value) : value)
const asked = () =>
  Object.fromEntries(
    [...nodes(root)]
      .filter((node) => node.currentState.relevant && 'value' in node.currentState)
      .map((node) => [node.currentState.reference.split('/').at(-1), plain(node.currentState.value)]),
  )
const answer = (name, value) => {
  const node = named(name)
  if (node.nodeType === 'select') return node.selectValue(value)
  return node.setValue(Number.isInteger(value) ? BigInt(value) : value)
}

const seen = steps.map(([name, value]) => {
  answer(name, value)
  return { asked: asked(), zh: said('zh'), en: said('en') }
})
const payload = await root.prepareInstancePayload()
const xml = await payload.data[0].get('xml_submission_file').text()
const offered = named('Subject').currentState.valueOptions.map((each) => [each.value, each.label.asString])
process.stdout.write(JSON.stringify({ offered, seen, status: payload.status, xml }))
